/** How a replica is launched. */
export interface ProcessCommand {
  /** A path, or a name to look for in `PATH`. */
  readonly program: string;
  /** `{port}` and `{id}` stand for the replica's. */
  readonly args: readonly string[];
  /** Over what the scaler passes on; `HOST` and `PORT` are always set. `{port}` and `{id}` as above. */
  readonly env: Readonly<Record<string, string>>;
  /** Where gateways send to, after `http://127.0.0.1:PORT`. */
  readonly path: string;
  /** Answers `GET` with 200, and with no model other than `Healthy`, when the replica is up. */
  readonly healthPath: string;
  /** How long it may take to end after SIGTERM before it is killed. */
  readonly stopTimeoutMs: number;
}

/** What a local backend has to finish its requests. */
const STOP_MS = 5_000;

/**
 * Launches the local backend. `maxReplicas` of them share `cpus`, unless `MAX_WORKERS` is set in the scaler's own environment `inherited`.
 *
 * @example
 * localBackendCommand({ node: process.execPath, program: '/…/local-backend/src/main.ts', cpus: 8, maxReplicas: 4, inherited: process.env });
 */
export function localBackendCommand(options: {
  readonly node: string;
  readonly program: string;
  readonly cpus: number;
  readonly maxReplicas: number;
  readonly inherited: Readonly<Record<string, string | undefined>>;
}): ProcessCommand {
  const workers = Math.max(1, Math.floor(options.cpus / Math.max(1, options.maxReplicas)));
  return {
    program: options.node,
    args: [options.program],
    env: {
      MAX_WORKERS: options.inherited.MAX_WORKERS || String(workers),
      STOP_TIMEOUT_MS: String(STOP_MS),
    },
    path: '/predictions/all-MiniLM-L6-v2',
    healthPath: '/ping',
    stopTimeoutMs: STOP_MS,
  };
}

/** `text` with the replica's port and id. */
export function fillIn(text: string, { port, id }: { readonly port: number; readonly id: string }): string {
  return text.replaceAll('{port}', String(port)).replaceAll('{id}', id);
}
