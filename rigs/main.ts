import type { Rig } from './rig.ts';
import { rigFolderFault } from './rig-folder.ts';

/** By name; each in a file of its own. */
const RIGS: Readonly<Record<string, () => Promise<Rig>>> = {
  kubernetes: async () => (await import('./kubernetes.ts')).kubernetesRig(),
  prometheus: async () => (await import('./prometheus.ts')).prometheusRig,
  moto: async () => (await import('./moto.ts')).motoRig,
  swarm: async () => (await import('./swarm.ts')).swarmRig,
};

const ACTIONS = ['install', 'start', 'stop', 'status'] as const;

const [name = '', action = ''] = process.argv.slice(2);
process.exitCode = await run(name, action);

async function run(name: string, action: string): Promise<number> {
  const open = RIGS[name];
  if (open === undefined || !ACTIONS.some((each) => each === action)) return usage(name === '--help' ? 0 : 2);
  const fault = rigFolderFault(name);
  if (fault !== undefined) return unavailable(name, fault);
  const rig = await open();
  if (action === 'stop') {
    await rig.stop();
    say(`${name} is stopped`);
    return 0;
  }
  if (action === 'status') {
    const started = await rig.status();
    say(started === undefined ? `${name} does not run` : describe(name, started));
    return started === undefined ? 1 : 0;
  }
  const installed = await rig.install();
  if (installed.kind === 'unavailable') return unavailable(name, installed.because);
  say(action === 'install' ? `${name} is installed` : describe(name, await rig.start()));
  return 0;
}

function describe(name: string, { env, hint }: Awaited<ReturnType<Rig['start']>>): string {
  const lines = Object.entries(env).map(([key, value]) => `  export ${key}=${value}`);
  return `${name} runs\n${lines.join('\n')}\ntry: ${hint}`;
}

function unavailable(name: string, because: string): number {
  say(`${name} can't be had here: ${because}`);
  return 3;
}

function usage(exitCode: number): number {
  say(`usage: pnpm rig NAME install|start|stop|status
  names: ${Object.keys(RIGS).join(', ')}
  start installs what is missing; exits with 3 where a rig can't be had`);
  return exitCode;
}

function say(text: string): void {
  console.log(text);
}
