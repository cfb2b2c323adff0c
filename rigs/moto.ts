import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installMoto } from './moto/install-moto.ts';
import { motoEnv } from './moto/moto-env.ts';
import { endMoto, isMoto, type RunningMoto, runMoto } from './moto/run-moto.ts';
import type { Rig, Started } from './rig.ts';
import { rigFolder } from './rig-folder.ts';

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
    const found = await installMoto();
    if (found.kind === 'unavailable') throw new Error(found.because);
    const port = Number(process.env.MOTO_PORT ?? 0);
    const moto = await runMoto({ python: found.python, logFile: logFile(), port, endsWithUs: false });
    writeFileSync(recordFile(), JSON.stringify(moto));
    return started(moto);
  },
  async stop() {
    const record = readRecord();
    // The number may be another's by now.
    if (record !== undefined && (await isMoto(record.url))) await endMoto(record.pid);
    for (const path of [recordFile(), logFile()]) rmSync(path, { force: true });
  },
  async status() {
    const record = readRecord();
    return record !== undefined && (await isMoto(record.url)) ? started(record) : undefined;
  },
};

function started({ url }: RunningMoto): Started {
  return { env: motoEnv(url), hint: `curl -s ${url}/moto-api/data.json` };
}

function readRecord(): RunningMoto | undefined {
  try {
    return JSON.parse(readFileSync(recordFile(), 'utf8')) as RunningMoto; // we wrote it
  } catch {
    return undefined; // nothing was started
  }
}

function recordFile(): string {
  return join(rigFolder('moto'), 'running.json');
}

function logFile(): string {
  return join(rigFolder('moto'), 'log');
}
