import { execFileSync } from 'node:child_process';
import { systemClock } from '../src/clock.ts';
import type { ProcessDriver } from '../src/drivers/process-driver.ts';
import type { ObservedReplica } from '../src/values/replica.ts';

export const live = () => AbortSignal.timeout(20_000);
export const launch = (...ids: readonly string[]) => ({
  group: 'cpu',
  desired: ids.length,
  launch: ids,
  remove: [],
});
export const remove = (...ids: readonly string[]) => ({ group: 'cpu', desired: 0, launch: [], remove: ids });

export async function until<T>(look: () => Promise<T>, done: (seen: T) => boolean): Promise<T> {
  for (let tries = 0; tries < 1_000; tries += 1) {
    const seen = await look();
    if (done(seen)) return seen;
    await systemClock.sleep(20);
  }
  throw new Error(`not so for 20 s; last seen: ${JSON.stringify(await look())}`);
}
export const listed = (driver: ProcessDriver, done: (replicas: readonly ObservedReplica[]) => boolean) =>
  until(() => driver.list('cpu', live()), done);
export const ready = (count: number) => (replicas: readonly ObservedReplica[]) =>
  replicas.length === count && replicas.every(({ state }) => state === 'ready');
export const none = (replicas: readonly ObservedReplica[]) => replicas.length === 0;

export function pidOf(driver: ProcessDriver, id: string): number {
  const pid = driver.pids.get(id);
  if (pid === undefined) throw new Error(`no process stands for ${id}`);
  return pid;
}

/** Processes of this machine that carry the pool in their environment, children included. */
export async function countProcesses(pool: string): Promise<number> {
  const variable = `FOREBAY_REPLICA_POOL=${encodeURIComponent(pool)}`;
  const found = execFileSync(
    'sh',
    ['-c', `grep -lzF '${variable}' /proc/[0-9]*/environ 2>/dev/null || true`],
    {
      encoding: 'utf8',
    },
  );
  return found.split('\n').filter((line) => line !== '').length;
}
