import { docker } from '../../../../rigs/swarm/engine.ts';
import { PLAIN_IMAGE } from '../../../../rigs/swarm/plain-image.ts';

/** On the network of the machine, since the rig routes no other; ended at once; healthy after half a second. */
const QUICK = [
  ...['--network', 'host', '--stop-signal', 'SIGKILL', '--no-resolve-image', '--detach'],
  ...['--health-cmd', 'true', '--health-interval', '500ms', '--health-retries', '2'],
];

/** Creates a service whose tasks do nothing; `more` are flags of `docker service create` that go before ours. */
export async function createService(
  name: string,
  replicas: number,
  more: readonly string[] = [],
): Promise<void> {
  const count = ['--replicas', String(replicas)];
  await docker([
    'service',
    'create',
    '--name',
    name,
    ...count,
    ...QUICK,
    ...more,
    PLAIN_IMAGE,
    'sleep',
    'infinity',
  ]);
}

/** No error where there is none. */
export async function removeServices(names: readonly string[]): Promise<void> {
  const listed = (await docker(['service', 'ls', '--format', '{{.Name}}'])).split('\n');
  const there = names.filter((name) => listed.includes(name));
  if (there.length > 0) await docker(['service', 'rm', ...there]);
}
