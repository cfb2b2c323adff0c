import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Rig, Started } from './rig.ts';
import { rigFolder } from './rig-folder.ts';

const PROGRAM = fileURLToPath(new URL('kubernetes/main.ts', import.meta.url));

/** A stand-in: no Kubernetes can be had from package registries. What it leaves out stands at `openCluster`. */
export function kubernetesRig(folder: string = rigFolder('kubernetes')): Rig {
  const kubeconfig = join(folder, 'kubeconfig');
  const pidFile = join(folder, 'pid');
  const started: Started = { env: { KUBECONFIG: kubeconfig }, hint: 'kubectl get deployments' };

  /** Of the process that runs it, if it is still the one that was started. */
  function runningPid(): number | undefined {
    if (!existsSync(pidFile)) return undefined;
    const pid = Number(readFileSync(pidFile, 'utf8'));
    const commandLine = `/proc/${pid}/cmdline`;
    // Without /proc a number is all there is to go by.
    const isIt = existsSync('/proc/self')
      ? existsSync(commandLine) && isProgram(commandLine, kubeconfig)
      : lives(pid);
    return isIt ? pid : undefined;
  }

  return {
    name: 'kubernetes',
    what: 'a stand-in for a Kubernetes API server, with pods in which nothing runs',
    install: async () => ({ kind: 'installed' }),
    async start() {
      if (runningPid() !== undefined && existsSync(kubeconfig)) return started;
      rmSync(kubeconfig, { force: true });
      const log = openSync(join(folder, 'log'), 'w');
      const child = spawn(process.execPath, [PROGRAM, kubeconfig], {
        detached: true,
        stdio: ['ignore', log, log],
      });
      closeSync(log);
      child.unref();
      writeFileSync(pidFile, String(child.pid));
      for (let tries = 0; tries < 200; tries += 1) {
        if (existsSync(kubeconfig)) return started;
        if (child.exitCode !== null) break;
        await sleep(50);
      }
      throw new Error(`the stand-in didn't start: ${readFileSync(join(folder, 'log'), 'utf8')}`);
    },
    async stop() {
      const pid = runningPid();
      if (pid !== undefined) process.kill(pid, 'SIGTERM');
      for (const file of [kubeconfig, pidFile, join(folder, 'log')]) rmSync(file, { force: true });
    },
    status: async () => (runningPid() !== undefined && existsSync(kubeconfig) ? started : undefined),
  };
}

function isProgram(commandLine: string, kubeconfig: string): boolean {
  const text = readFileSync(commandLine, 'utf8');
  return text.includes(PROGRAM) && text.includes(kubeconfig);
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // there is none
  }
}
