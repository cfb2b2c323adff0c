import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { rigFolder } from '../rig-folder.ts';
import { installMoto } from './install-moto.ts';
import { motoEnv } from './moto-env.ts';
import { endMoto, isMoto, runMoto } from './run-moto.ts';

/** An AWS for one test file; where there is none, tests can be written all the same, and are skipped and counted. */
export type MotoUnderTest = Moto &
  ({ readonly kind: 'running' } | { readonly kind: 'unavailable'; readonly because: string });

interface Moto {
  /** For `endpoint` of drivers and clients. */
  readonly endpoint: string;
  readonly region: string;
  /** Forgets everything that was made. */
  reset(): Promise<void>;
  /** Ends it, unless somebody else had started it. */
  close(): Promise<void>;
}

/**
 * A moto server of this process' own, which ends with it, so that test files and working copies don't reset each other's; or the one at
 * `MOTO_URL`. Sets the SDK's region and credentials of this process, since moto wants some. Say why it is unavailable, and skip:
 *
 * @example
 * const moto = await motoUnderTest();
 * if (moto.kind === 'unavailable') console.warn(`skipped, there is no moto here: ${moto.because}`);
 * describe.skipIf(moto.kind === 'unavailable')('…', () => { … });
 */
export async function motoUnderTest(): Promise<MotoUnderTest> {
  const given = process.env.MOTO_URL;
  if (given !== undefined) {
    if (await isMoto(given)) return running(given, async () => undefined);
    return unavailable(`no moto answers at MOTO_URL ${given}`);
  }
  const found = await installMoto();
  if (found.kind === 'unavailable') return unavailable(found.because);
  const logFile = join(rigFolder('moto'), `log-${process.pid}`);
  const { pid, url } = await runMoto({ python: found.python, logFile, port: 0, endsWithUs: true });
  return running(url, async () => {
    await endMoto(pid);
    rmSync(logFile, { force: true });
  });
}

function unavailable(because: string): MotoUnderTest {
  const nothing = async () => undefined;
  return {
    kind: 'unavailable',
    because,
    endpoint: 'http://127.0.0.1:9',
    region: 'eu-west-1',
    reset: nothing,
    close: nothing,
  };
}

function running(endpoint: string, close: () => Promise<void>): MotoUnderTest {
  const { AWS_ENDPOINT_URL: _, ...env } = motoEnv(endpoint);
  Object.assign(process.env, env);
  return {
    kind: 'running',
    endpoint,
    region: env.AWS_REGION ?? '',
    async reset() {
      const answer = await fetch(`${endpoint}/moto-api/reset`, { method: 'POST' });
      if (!answer.ok) throw new Error(`moto could not be reset: ${answer.status}`);
    },
    close,
  };
}
