import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { systemClock } from '@forebay/pool-client';
import { parseApiKeys } from '../src/admission/api-keys.ts';
import { loadConfig } from '../src/config/load-config.ts';
import { type GatewayParts, type RunningGateway, startGateway } from '../src/gateway.ts';
import { makeLogger } from '../src/log.ts';
import { estimateTokens } from '../src/usage.ts';

/** A gateway in this process that ends with the test's block. */
export interface GatewayUnderTest extends RunningGateway, AsyncDisposable {
  /** `host:port` as this machine reaches it, whatever it listens on. */
  readonly origin: string;
}

/** A key of a keys file in clear, with its other fields. */
export interface TestKey {
  readonly key: string;
  readonly tenant: string;
  readonly weight?: number;
  readonly maxPriority?: string;
  readonly chunksPerSecond?: number;
  readonly maxQueuedChunks?: number;
}

export interface GatewaySetup
  extends Partial<Pick<GatewayParts, 'countTokens' | 'sources' | 'models' | 'tls' | 'log'>> {
  readonly keys?: readonly TestKey[];
}

/** A gateway on a free port, set up by the variables that its users set; ready, and all of DJL_URLS up, when it resolves. */
export async function startGatewayUnderTest(
  env: Readonly<Record<string, string>>,
  setup: GatewaySetup = {},
): Promise<GatewayUnderTest> {
  const gateway = await startUnready(env, setup);
  await gateway.ready;
  const allUp = () => gateway.pool.stats().backends.every(({ state }) => state === 'serving');
  while (env.DJL_URLS !== undefined && !allUp()) await systemClock.sleep(5);
  return gateway;
}

/** The same, not waiting until it is ready. */
export async function startUnready(
  env: Readonly<Record<string, string>>,
  { keys, ...parts }: GatewaySetup = {},
): Promise<GatewayUnderTest> {
  const keysFile = keys ? { FOREBAY_API_KEYS_FILE: 'keys of the test' } : {};
  const loaded = loadConfig({
    env: { PORT: '0', SHUTDOWN_GRACE_MS: '10000', ...keysFile, ...env },
    readFile: (path) => readFileSync(path, 'utf8'),
  });
  if (loaded.kind === 'config-error') throw new Error(loaded.message);
  const gateway = await startGateway({
    config: loaded.config,
    apiKeys: keys && apiKeysOf(keys),
    sources: [],
    models: [],
    countTokens: estimateTokens,
    clock: systemClock,
    log: makeLogger('fatal'),
    version: '0.0.0-test',
    startedS: 1_700_000_000,
    ...parts,
  });
  let stopped: Promise<number> | undefined;
  const stop = () => {
    stopped ??= gateway.stop();
    return stopped;
  };
  const { protocol, port } = new URL(gateway.url);
  const origin = `${protocol}//127.0.0.1:${port}`;
  return { ...gateway, origin, stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

function apiKeysOf(keys: readonly TestKey[]) {
  const entries = keys.map(({ key, ...rest }) => ({ sha256: hash('sha256', key), ...rest }));
  const parsed = parseApiKeys(JSON.stringify(entries), 'keys of the test');
  if (parsed.kind === 'broken') throw new Error(parsed.problems.join('\n'));
  return parsed;
}
