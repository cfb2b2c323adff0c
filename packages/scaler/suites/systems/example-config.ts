import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../src/config/load-config.ts';
import type { ScalerConfig } from '../../src/config/scaler-config.ts';

/**
 * A file of `examples/scaler` as it stands, but for places that only its user has: each key of `places` is replaced wherever it stands, and must stand somewhere.
 * `env` is over the file, as always; the state is in memory and the port free.
 *
 * @example
 * exampleConfig('000-two-instance-groups.yaml', { 'region: eu-west-1': `region: eu-west-1, endpoint: '${moto.endpoint}'` });
 */
export function exampleConfig(
  name: string,
  places: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): ScalerConfig {
  const path = fileURLToPath(new URL(`../../../../examples/scaler/${name}`, import.meta.url));
  const text = Object.entries(places).reduce(
    (now, [from, to]) => {
      if (!now.includes(from)) throw new Error(`${name} has no ${from}`);
      return now.replaceAll(from, to);
    },
    readFileSync(path, 'utf8'),
  );
  const loaded = loadConfig({
    env: { HOME: '/nowhere', SCALER_STATE: ':memory:', SCALER_PORT: '0', ...env },
    argv: ['--config', name],
    readFile: () => text,
  });
  if (loaded.kind === 'config-error') throw new Error(loaded.message);
  return loaded.config;
}
