import { join } from 'node:path';

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the machine offers, and where a user's state is kept. */
export interface Surroundings {
  readonly cores: number;
  /** E.g. `~/.local/state/forebay`. */
  readonly stateFolder: string;
  /** Whether the scaler's own file has the groups, and with them their limits. @default false */
  readonly groupsInFile?: boolean;
}

/** A configuration that `--scale` can't serve. */
export class ScaleError extends Error {
  override readonly name = 'ScaleError';
}

/**
 * An admin key closes the scaler's list of backends too, and the gateway reads it by a token: without one of the user's own it is
 * given `token`.
 */
export function withListToken(env: Environment, keyInFile: boolean, token: string): Environment {
  const closed = keyInFile || Boolean(env.FOREBAY_ADMIN_KEY);
  return closed && !env.BACKENDS_TOKEN ? { ...env, BACKENDS_TOKEN: token } : env;
}

/** Where the scaler will answer. */
export function scalerUrlOf(env: Environment): string {
  return `http://${toHost(env.SCALER_HOST || '127.0.0.1')}:${env.SCALER_PORT || DEFAULT_SCALER_PORT}`;
}

/**
 * The gateway's environment: its backends are the scaler's list, and the model is known while there is none, so that the first request
 * is held and not refused. Throws a {@link ScaleError} when backends are configured already.
 */
export function gatewayEnvironment(env: Environment): Environment {
  for (const name of ['BACKENDS_URL', 'BACKENDS_FILE'] as const) {
    if (env[name]) {
      throw new ScaleError(`--scale sets where backends come from: unset ${name} or start without --scale`);
    }
  }
  return {
    ...env,
    BACKENDS_URL: `${scalerUrlOf(env)}/v1/backends`,
    MODELS: env.MODELS || 'all-MiniLM-L6-v2',
  };
}

/** The scaler's environment; what the user has set wins, but for `HOST` and `PORT`, which are the gateway's. */
export function scalerEnvironment(env: Environment, gatewayUrl: string, around: Surroundings): Environment {
  const { HOST: _host, PORT: _port, ...rest } = env;
  const port = env.SCALER_PORT || DEFAULT_SCALER_PORT;
  return {
    ...rest,
    SCALER_HOST: env.SCALER_HOST || '127.0.0.1',
    SCALER_PORT: port,
    SCALER_DRIVER: env.SCALER_DRIVER || 'process',
    // One started on another port must not take these replicas for its own.
    SCALER_STATE: env.SCALER_STATE || join(around.stateFolder, `start-${port}.sqlite`),
    // Here the scaler is a part of one program, and what is started together ends together.
    SCALER_ON_STOP: env.SCALER_ON_STOP || 'end',
    ...(around.groupsInFile ? {} : limitsOf(env, around)),
    GATEWAY_URL: env.GATEWAY_URL || gatewayUrl,
  };
}

/** From none to as many as there are cores; what the user has set wins. */
export function limitsOf(
  env: Environment,
  { cores }: Pick<Surroundings, 'cores'>,
): { readonly MIN_INSTANCES: string; readonly MAX_INSTANCES: string } {
  const min = env.MIN_INSTANCES || '0';
  return { MIN_INSTANCES: min, MAX_INSTANCES: env.MAX_INSTANCES || String(Math.max(cores, Number(min))) };
}

/** The folder for what a program remembers: XDG's. */
export function stateFolderOf(env: Environment, homeDir: string): string {
  return join(env.XDG_STATE_HOME || join(homeDir, '.local', 'state'), 'forebay');
}

/** An address that a program on this machine can call, for one that is listened on. */
export function toCallable(url: string): string {
  const parsed = new URL(url);
  parsed.hostname = toHost(parsed.hostname);
  return parsed.origin;
}

const DEFAULT_SCALER_PORT = '8090';

function toHost(host: string): string {
  if (host === '0.0.0.0' || host === '::' || host === '[::]') return '127.0.0.1';
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
