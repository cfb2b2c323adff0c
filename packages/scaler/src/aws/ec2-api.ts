/** An instance as far as it matters here. */
export interface Ec2Instance {
  readonly instanceId: string;
  readonly state: 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';
  /** To the second, by EC2's clock. */
  readonly launchedAtMs: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly spot: boolean;
  readonly privateAddress?: string;
  readonly publicAddress?: string;
  /** Why it isn't running any more, such as `Server.SpotInstanceTermination: …`. */
  readonly stateReason?: { readonly code: string; readonly message: string };
}

/** One instance to launch. */
export interface RunInstanceRequest {
  /** At most 64 ASCII characters. The same token never launches a second instance. */
  readonly clientToken: string;
  readonly launchTemplate: LaunchTemplate;
  readonly spot: boolean;
  readonly tags: Readonly<Record<string, string>>;
  /** Over the template's. */
  readonly instanceType?: string;
  readonly subnetId?: string;
}

/** Which launch template: its id or its name, and `$Default`, `$Latest` or a number. */
export type LaunchTemplate = { readonly version: string } & (
  | { readonly id: string }
  | { readonly name: string }
);

/** Part of a list. */
export interface InstancePage {
  readonly instances: readonly Ec2Instance[];
  /** For the page after it; absent on the last. */
  readonly nextToken?: string;
}

/**
 * The calls of EC2 that are used here, each of them once: no paging, no splitting. They reject with a `ScalerError` whose cause carries AWS's own name
 * of the error. Describing lags behind: what was just launched may be missing.
 */
export interface Ec2Api {
  /** Resolves with the instance of an earlier call with the same token and parameters, if there was one. */
  runInstance(request: RunInstanceRequest, signal: AbortSignal): Promise<Ec2Instance>;
  /** Instances in any state that carry all these tags. */
  describePage(
    tags: Readonly<Record<string, string>>,
    pageToken: string | undefined,
    signal: AbortSignal,
  ): Promise<InstancePage>;
  /** All or none: one unknown id and nothing happens. At most 1,000. */
  terminate(instanceIds: readonly string[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
