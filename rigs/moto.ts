import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { isProcess } from './is-process.ts';
import { installMoto } from './moto/install-moto.ts';
import { motoEnv } from './moto/moto-env.ts';
import { endMoto, isMoto, type RunningMoto, runMoto } from './moto/run-moto.ts';
import type { Rig, Started } from './rig.ts';
import { rigFolder } from './rig-folder.ts';
import { type RunningRecord, runningRecord } from './running-record.ts';

/** AWS as moto plays it; on the port of `MOTO_PORT` or any free one. */
export const motoRig: Rig = {
  name: 'moto',
  what: 'moto 5.2.5 in the place of AWS: real calls and answers, but no machines, no metrics of its own, and ECS services that start no tasks',
  async install() {
    const found = await installMoto();
    return found.kind === 'found' ? { kind: 'installed' } : found;
  },
  async start() {
    const running = await this.status();
    if (running !== undefined) return running;
    await this.stop(); // what answers no more, and its record
    const found = await installMoto();
    if (found.kind === 'unavailable') throw new Error(found.because);
    const port = Number(process.env.MOTO_PORT ?? 0);
    const moto = await runMoto({ python: found.python, logFile: logFile(), port, endsWithUs: false });
    if (record().claim(moto)) return started(moto);
    await endMoto(moto.pid);
    return this.start();
  },
  async stop() {
    const running = record().read();
    if (running !== undefined && isProcess(running.pid, rigFolder('moto'))) await endMoto(running.pid);
    record().forget();
    rmSync(logFile(), { force: true });
  },
  async status() {
    const running = record().read();
    return running !== undefined && (await isMoto(running.url)) ? started(running) : undefined;
  },
};

function started({ url }: RunningMoto): Started {
  return { env: motoEnv(url), hint: `curl -s ${url}/moto-api/data.json` };
}

function record(): RunningRecord<RunningMoto> {
  return runningRecord(join(rigFolder('moto'), 'running.json'));
}

function logFile(): string {
  return join(rigFolder('moto'), 'log');
}
