import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { rigFolder } from '../rig-folder.ts';
import { installMoto } from './install-moto.ts';
import { endMoto, isMoto, runMoto } from './run-moto.ts';
import { type AbsentMoto, absentMoto, type MotoInUse, useMoto } from './use-moto.ts';

/** An AWS for one test file; where there is none, tests can be written all the same, and are skipped and counted. */
export type MotoUnderTest = MotoInUse | AbsentMoto;

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
    if (await isMoto(given)) return useMoto(given, async () => undefined);
    return absentMoto(`no moto answers at MOTO_URL ${given}`);
  }
  const found = await installMoto();
  if (found.kind === 'unavailable') return absentMoto(found.because);
  const logFile = join(rigFolder('moto'), `log-${process.pid}`);
  const { pid, url } = await runMoto({ python: found.python, logFile, port: 0, endsWithUs: true });
  return useMoto(url, async () => {
    await endMoto(pid);
    rmSync(logFile, { force: true });
  });
}
