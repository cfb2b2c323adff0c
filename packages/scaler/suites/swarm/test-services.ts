import { docker } from '../../../../rigs/swarm/engine.ts';
import { PLAIN_IMAGE } from '../../../../rigs/swarm/plain-image.ts';

/** On the network of the machine, since the rig routes no other. */
const HOST_NETWORK = ['--network', 'host'];

/** Ended at once, healthy after half a second. */
const QUICK = [
  '--stop-signal',
  'SIGKILL',
  '--health-cmd',
  'true',
  '--health-interval',
  '500ms',
  '--health-retries',
  '2',
];

/** Creates a service whose tasks do nothing, or run a shell command; `more` are flags of `docker service create`, which win. */
export async function createService(
  name: string,
  replicas: number,
  more: readonly string[] = [],
  network: readonly string[] = HOST_NETWORK,
  command = 'exec sleep infinity',
): Promise<void> {
  const own = ['--detach', '--no-resolve-image', '--name', name, '--replicas', String(replicas)];
  const task = [PLAIN_IMAGE, 'bash', '-c', command];
  await docker(['service', 'create', ...own, ...network, ...QUICK, ...more, ...task]);
}

/** No error where there is none. */
export async function removeServices(names: readonly string[]): Promise<void> {
  const listed = (await docker(['service', 'ls', '--format', '{{.Name}}'])).split('\n');
  const there = names.filter((name) => listed.includes(name));
  if (there.length > 0) await docker(['service', 'rm', ...there]);
}
