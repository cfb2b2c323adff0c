/** A platform to test against that runs on this machine: a real one, or the nearest to it that can be had. */
export interface Rig {
  /** As in `pnpm rig NAME start`. */
  readonly name: string;
  /** One line: what it is, and what it can't do. */
  readonly what: string;
  /** Installs what is missing, from package registries only; `unavailable` where that can't be done here, with the reason. */
  install(): Promise<Installed>;
  /** Starts it and waits until it answers; resolves at once when it runs already. Bound to loopback. */
  start(): Promise<Started>;
  /** Ends it and takes away all that it left; no error when it doesn't run. */
  stop(): Promise<void>;
  /** Where it is, or undefined while it doesn't run. */
  status(): Promise<Started | undefined>;
}

export type Installed =
  | { readonly kind: 'installed' }
  | { readonly kind: 'unavailable'; readonly because: string };

export interface Started {
  /** What a test or a shell needs to use it, such as `DOCKER_HOST`. */
  readonly env: Readonly<Record<string, string>>;
  /** A command line to try. */
  readonly hint: string;
}
