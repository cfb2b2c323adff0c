import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Processes whose command line names the folder: dockerd, containerd and their shims; never this one or its parents' shells. */
export function processesOf(folder: string): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    const [program = '', ...args] = read(`/proc/${pid}/cmdline`).split('\0');
    const isEngine = /(^|\/)(dockerd|containerd|containerd-shim[\w-]*|runc|docker-proxy)$/.test(program);
    return isEngine && args.some((arg) => arg.includes(`${folder}/`)) ? [pid] : [];
  });
}

/** Mount points in the folder, the innermost first. */
export function mountsUnder(folder: string): readonly string[] {
  return read('/proc/self/mountinfo')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point.startsWith(`${folder}/`))
    .toSorted((a, b) => b.length - a.length);
}

/** Everything of the engine's that still is on this machine, in words; empty after a stop. `ours`: what it makes outside of its folder. */
export function leftOvers(folder: string, ours: readonly string[]): readonly string[] {
  return [
    ...processesOf(folder).map(
      (pid) => `process ${pid}: ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`,
    ),
    ...mountsUnder(folder).map((mount) => `mount ${mount}`),
    ...[folder, ...ours].filter((path) => existsSync(path)),
  ];
}

/** What a killed process had is no error. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
