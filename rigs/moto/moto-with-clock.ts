import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rigFolder } from '../rig-folder.ts';
import { installMoto } from './install-moto.ts';
import type { MotoUnderTest } from './moto-under-test.ts';
import { endMoto, runMoto } from './run-moto.ts';
import { absentMoto, useMoto } from './use-moto.ts';

/** An AWS whose time a test moves: launch times, activities and messages are of then. */
export type MotoWithClock = MotoUnderTest & {
  /** Not while a call is under way. */
  setTime(nowMs: number): void;
};

/** As `motoUnderTest`, but always a server of this process' own, at `startMs` until it is told otherwise. Long polls of SQS end as this time passes. */
export async function motoWithClock(startMs: number): Promise<MotoWithClock> {
  const found = await installMoto();
  if (found.kind === 'unavailable') return { ...absentMoto(found.because), setTime: () => undefined };
  const logFile = join(rigFolder('moto'), `log-${process.pid}`);
  const clockFile = join(rigFolder('moto'), `clock-${process.pid}`);
  const setTime = (nowMs: number) => {
    // Whole at any time.
    writeFileSync(`${clockFile}.new`, String(Math.round(nowMs)));
    renameSync(`${clockFile}.new`, clockFile);
  };
  setTime(startMs);
  const { pid, url } = await runMoto({ python: found.python, logFile, port: 0, endsWithUs: true, clockFile });
  const close = async () => {
    await endMoto(pid);
    for (const path of [logFile, clockFile]) rmSync(path, { force: true });
  };
  return { ...useMoto(url, close), setTime };
}
