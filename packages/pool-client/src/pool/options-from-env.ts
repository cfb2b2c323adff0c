import type { StrategyName } from '../balancing/balancing-strategy.ts';
import { PoolError } from '../errors.ts';
import type { EmbedderPoolOptions } from '../options.ts';

/**
 * The options that a pipeline sets by environment, under the gateway's names: `DJL_URLS` (or a single `DJL_URL`),
 * `BACKENDS_URL` with `BACKENDS_TOKEN`, `BACKENDS_FILE`, `MODELS`, `MODEL_ALIASES`, `LOAD_BALANCER_STRATEGY`, `VERIFY`, `REQUEST_TIMEOUT_MS`.
 * @throws PoolError `POOL_INVALID_OPTIONS` when no source of backends is set, or an alias has no model.
 */
export function optionsFromEnv(env: Readonly<Record<string, string | undefined>>): EmbedderPoolOptions {
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
  return {
    backends,
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

function parseAlias(item: string): readonly [alias: string, model: string] {
  const [alias = '', ...rest] = item.split('=');
  const model = rest.join('=').trim();
  if (alias.trim() && model) return [alias.trim(), model];
  throw new PoolError('POOL_INVALID_OPTIONS', `MODEL_ALIASES has ${item}, expected alias=model`);
}
