import { readFileSync } from 'node:fs';
import type { StrategyName } from '../balancing/balancing-strategy.ts';
import { PoolError } from '../errors.ts';
import type { EmbedderPoolOptions } from '../options.ts';
import type { TlsOptions } from '../wire/tls-options.ts';

/** Reads a whole file as UTF-8, throwing when it can't. */
type ReadFile = (path: string) => string;

/**
 * The options that a pipeline sets by environment, under the gateway's names: `DJL_URLS` (or a single `DJL_URL`),
 * `BACKENDS_URL` with `BACKENDS_TOKEN`, `BACKENDS_FILE`, `MODELS`, `MODEL_ALIASES`, `LOAD_BALANCER_STRATEGY`, `VERIFY`,
 * `REQUEST_TIMEOUT_MS`, and for `https:` backends `BACKENDS_CA_FILE`, `BACKENDS_CLIENT_CERT_FILE`, `BACKENDS_CLIENT_KEY_FILE`.
 * @throws PoolError `POOL_INVALID_OPTIONS` when no source of backends is set, an alias has no model, or a file can't be read.
 */
export function optionsFromEnv(
  env: Readonly<Record<string, string | undefined>>,
  readFile: ReadFile = (path) => readFileSync(path, 'utf8'),
): EmbedderPoolOptions {
  const list = (text: string | undefined) =>
    (text ?? '')
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean);
  const backends = list(env.DJL_URLS || env.DJL_URL);
  if (backends.length === 0 && !env.BACKENDS_URL && !env.BACKENDS_FILE) {
    throw new PoolError(
      'POOL_INVALID_OPTIONS',
      'Set DJL_URLS, BACKENDS_URL or BACKENDS_FILE: none of them is set',
    );
  }
  const aliases = list(env.MODEL_ALIASES).map(parseAlias);
  const tls = tlsFromEnv(env, readFile);
  return {
    backends,
    ...(tls ? { tls } : {}),
    models: list(env.MODELS),
    ...(aliases.length > 0 ? { modelAliases: Object.fromEntries(aliases) } : {}),
    ...(env.BACKENDS_URL ? { backendsUrl: env.BACKENDS_URL } : {}),
    ...(env.BACKENDS_TOKEN ? { backendsToken: env.BACKENDS_TOKEN } : {}),
    ...(env.BACKENDS_FILE ? { backendsFile: env.BACKENDS_FILE } : {}),
    // Both are checked with all other options.
    ...(env.LOAD_BALANCER_STRATEGY
      ? { strategy: env.LOAD_BALANCER_STRATEGY.replaceAll('_', '-') as StrategyName }
      : {}),
    ...(env.VERIFY ? { verify: env.VERIFY as 'fast' | 'full' } : {}),
    ...(env.REQUEST_TIMEOUT_MS ? { idleTimeoutMs: Number(env.REQUEST_TIMEOUT_MS) } : {}),
  };
}

const TLS_VARIABLES = {
  ca: 'BACKENDS_CA_FILE',
  cert: 'BACKENDS_CLIENT_CERT_FILE',
  key: 'BACKENDS_CLIENT_KEY_FILE',
} as const satisfies Record<keyof TlsOptions, string>;

function tlsFromEnv(
  env: Readonly<Record<string, string | undefined>>,
  readFile: ReadFile,
): TlsOptions | undefined {
  const read = Object.entries(TLS_VARIABLES).flatMap(([field, variable]) => {
    const path = env[variable];
    return path ? [[field, readOrThrow(variable, path, readFile)] as const] : [];
  });
  return read.length > 0 ? Object.fromEntries(read) : undefined;
}

function readOrThrow(variable: string, path: string, readFile: ReadFile): string {
  try {
    return readFile(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new PoolError('POOL_INVALID_OPTIONS', `${variable} ${path} cannot be read: ${why}`);
  }
}

function parseAlias(item: string): readonly [alias: string, model: string] {
  const [alias = '', ...rest] = item.split('=');
  const model = rest.join('=').trim();
  if (alias.trim() && model) return [alias.trim(), model];
  throw new PoolError('POOL_INVALID_OPTIONS', `MODEL_ALIASES has ${item}, expected alias=model`);
}
