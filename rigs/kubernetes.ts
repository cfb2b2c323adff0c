import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isProcess } from './is-process.ts';
import type { Rig, Started } from './rig.ts';
import { rigFolder } from './rig-folder.ts';
import { runningRecord } from './running-record.ts';

const PROGRAM = fileURLToPath(new URL('kubernetes/main.ts', import.meta.url));

/** A stand-in: no Kubernetes can be had from package registries. What it leaves out stands at `openCluster`. */
export function kubernetesRig(folder: string = rigFolder('kubernetes')): Rig {
  const kubeconfig = join(folder, 'kubeconfig');
  const logFile = join(folder, 'log');
  const record = runningRecord<number>(join(folder, 'pid'));
  const started: Started = { env: { KUBECONFIG: kubeconfig }, hint: 'kubectl get deployments' };

  /** Of the process that runs it, if it is still the one that was started. */
  function runningPid(): number | undefined {
    const pid = record.read();
    return pid !== undefined && isProcess(pid, `${PROGRAM} ${kubeconfig}`) ? pid : undefined;
  }

  /** One is enough where two do it at a time. */
  function launch(): void {
    record.forget(); // of one that ended by itself
    rmSync(kubeconfig, { force: true });
    const log = openSync(logFile, 'w');
    const child = spawn(process.execPath, [PROGRAM, kubeconfig], {
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    child.unref();
    if (child.pid !== undefined && !record.claim(child.pid)) child.kill('SIGKILL');
  }

  return {
    name: 'kubernetes',
    what: 'a stand-in for a Kubernetes API server, with pods in which nothing runs',
    install: async () => ({ kind: 'installed' }),
    async start() {
      if (runningPid() === undefined) launch();
      for (let tries = 0; tries < 200 && runningPid() !== undefined; tries += 1) {
        if (existsSync(kubeconfig)) return started;
        await sleep(50);
      }
      throw new Error(`the stand-in didn't start: ${readFileSync(logFile, 'utf8')}`);
    },
    async stop() {
      const pid = runningPid();
      if (pid !== undefined) process.kill(pid, 'SIGTERM');
      for (let tries = 0; tries < 100 && runningPid() !== undefined; tries += 1) await sleep(50);
      record.forget();
      for (const file of [kubeconfig, logFile]) rmSync(file, { force: true });
    },
    status: async () => (runningPid() !== undefined && existsSync(kubeconfig) ? started : undefined),
  };
}
