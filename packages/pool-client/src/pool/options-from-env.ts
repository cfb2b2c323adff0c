import type { StrategyName } from '../balancing/balancing-strategy.ts';
import { PoolError } from '../errors.ts';
import type { EmbedderPoolOptions } from '../options.ts';

/**
 * The options that a pipeline sets by environment, under the gateway's names: `DJL_URLS` (or a single `DJL_URL`),
 * `BACKENDS_URL` with `BACKENDS_TOKEN`, `BACKENDS_FILE`, `MODELS`, `LOAD_BALANCER_STRATEGY`, `VERIFY`, `REQUEST_TIMEOUT_MS`.
 * @throws PoolError `POOL_INVALID_OPTIONS` when no source of backends is set.
 */
export function optionsFromEnv(env: Readonly<Record<string, string | undefined>>): EmbedderPoolOptions {
  const list = (text: string | undefined) =>
    (text ?? '')
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean);
  const backends = list(env.DJL_URLS ?? env.DJL_URL);
  if (backends.length === 0 && !env.BACKENDS_URL && !env.BACKENDS_FILE) {
    throw new PoolError(
      'POOL_INVALID_OPTIONS',
      'Set DJL_URLS, BACKENDS_URL or BACKENDS_FILE: none of them is set',
    );
  }
  const idleTimeoutMs = env.REQUEST_TIMEOUT_MS === undefined ? undefined : Number(env.REQUEST_TIMEOUT_MS);
  return {
    backends,
    models: list(env.MODELS),
    ...(env.BACKENDS_URL ? { backendsUrl: env.BACKENDS_URL } : {}),
    ...(env.BACKENDS_TOKEN ? { backendsToken: env.BACKENDS_TOKEN } : {}),
    ...(env.BACKENDS_FILE ? { backendsFile: env.BACKENDS_FILE } : {}),
    // Both are checked with all other options.
    ...(env.LOAD_BALANCER_STRATEGY
      ? { strategy: env.LOAD_BALANCER_STRATEGY.replaceAll('_', '-') as StrategyName }
      : {}),
    ...(env.VERIFY ? { verify: env.VERIFY as 'fast' | 'full' } : {}),
    ...(idleTimeoutMs === undefined ? {} : { idleTimeoutMs }),
  };
}
