import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { realModel } from '../../local-backend/test/model.ts';
import { systemClock } from '../src/clock.ts';
import type { ProcessDriver } from '../src/drivers/process-driver.ts';
import type { ObservedReplica } from '../src/values/replica.ts';
import { type ProcessRig, processRig } from './process-rig.ts';

const PARENT = fileURLToPath(new URL('programs/driving-parent.ts', import.meta.url));
const LOCAL_BACKEND = fileURLToPath(new URL('../../local-backend/src/main.ts', import.meta.url));

let modelDir = '';
beforeAll(async () => {
  modelDir = dirname((await realModel()).weightsPath);
});

const rigs: ProcessRig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close();
});

async function open(...how: Parameters<typeof processRig>) {
  const rig = await processRig(...how);
  rigs.push(rig);
  return { rig, driver: rig.driver() };
}

const live = () => AbortSignal.timeout(20_000);
const launch = (...ids: readonly string[]) => ({
  group: 'cpu',
  desired: ids.length,
  launch: ids,
  remove: [],
});
const remove = (...ids: readonly string[]) => ({ group: 'cpu', desired: 0, launch: [], remove: ids });

async function until<T>(look: () => Promise<T>, done: (seen: T) => boolean): Promise<T> {
  for (let tries = 0; tries < 1_000; tries += 1) {
    const seen = await look();
    if (done(seen)) return seen;
    await systemClock.sleep(20);
  }
  throw new Error(`not so for 20 s; last seen: ${JSON.stringify(await look())}`);
}
const listed = (driver: ProcessDriver, done: (replicas: readonly ObservedReplica[]) => boolean) =>
  until(() => driver.list('cpu', live()), done);
const ready = (count: number) => (replicas: readonly ObservedReplica[]) =>
  replicas.length === count && replicas.every(({ state }) => state === 'ready');
const none = (replicas: readonly ObservedReplica[]) => replicas.length === 0;

it('finds the replicas of a scaler that was killed, on their ports, and launches none of them again', async () => {
  const { rig, driver } = await open();
  const { pool, stateDir, command } = rig;
  const env = {
    ...process.env,
    OPTIONS: JSON.stringify({ pool, stateDir, command }),
    ORDER: JSON.stringify(launch('a', 'b')),
  };
  const parent = spawn(process.execPath, [PARENT], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  await until(
    () => driver.list('cpu', live()),
    (replicas) => replicas.length === 2,
  );
  const before = await driver.list('cpu', live());
  const ended = once(parent, 'exit');
  parent.kill('SIGKILL');
  await ended;
  const after = await listed(driver, ready(2));
  const idAndUrl = ({ id, url }: ObservedReplica) => `${id} ${url}`;
  expect(after.map(idAndUrl).toSorted()).toEqual(before.map(idAndUrl).toSorted());
  const pids = ['a', 'b'].map((id) => driver.pidOf(id));
  await driver.scale(launch('a', 'b', 'c'), live());
  await listed(driver, ready(3));
  expect(['a', 'b'].map((id) => driver.pidOf(id))).toEqual(pids);
  await driver.scale(remove('a', 'b', 'c'), live());
  expect(await listed(driver, none)).toEqual([]);
});

it('loses none and doubles none when scalers are killed at any moment of a launch', async () => {
  const { rig, driver } = await open();
  const { pool, stateDir, command } = rig;
  const ids = ['a', 'b', 'c', 'd'];
  const env = {
    ...process.env,
    OPTIONS: JSON.stringify({ pool, stateDir, command }),
    ORDER: JSON.stringify(launch(...ids)),
  };
  for (const killAfterMs of [2, 5, 8, 12, 16, 24]) {
    const parent = spawn(process.execPath, [PARENT], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(parent, 'exit');
    await once(parent.stdout, 'data');
    await systemClock.sleep(killAfterMs);
    parent.kill('SIGKILL');
    await ended;
  }
  await driver.scale(launch(...ids), live());
  await listed(driver, ready(4));
  expect(await countProcesses(pool)).toBe(4);
});

it('gives a replica its address and not the secrets or settings of the scaler', async () => {
  const { driver } = await open({ TEXT: 'port {port} of {id}' });
  await driver.scale(launch('a'), live());
  const [replica] = await listed(driver, ready(1));
  const { port, origin } = new URL(replica?.url ?? '');
  const env = (await (await fetch(`${origin}/env`)).json()) as Record<string, string>; // as tiny-server.mjs answers
  expect(env).toMatchObject({ HOST: '127.0.0.1', PORT: port, TEXT: `port ${port} of a` });
  expect(Object.keys(env)).not.toContain('FOREBAY_ADMIN_KEY');
  expect(Object.keys(env)).not.toContain('SCALER_PORT');
});

it('kills a replica that does not end when told, and waits for it when closed', async () => {
  const { rig, driver } = await open({ TINY_MODE: 'deaf' });
  await driver.scale(launch('a'), live());
  await listed(driver, ready(1));
  await driver.scale(remove('a'), live());
  expect((await driver.list('cpu', live())).length).toBe(1);
  await driver.close();
  expect(await listed(rig.driver(), none)).toEqual([]);
});

it('counts a replica with children once, and ends the children too', async () => {
  const { rig, driver } = await open({ TINY_MODE: 'parent' });
  await driver.scale(launch('a'), live());
  await listed(driver, ready(1));
  await until(
    () => countProcesses(rig.pool),
    (count) => count === 2,
  );
  expect((await driver.list('cpu', live())).length).toBe(1);
  await driver.endAll(live());
  expect(await countProcesses(rig.pool)).toBe(0);
});

it('shows one that ends before it ever answered as failed, with its last words, until it is removed', async () => {
  const { rig, driver } = await open({ TINY_MODE: 'broken' });
  await driver.scale(launch('a'), live());
  const [failed] = await listed(driver, (replicas) =>
    replicas.some(({ note }) => note?.includes('model') ?? false),
  );
  expect(failed).toMatchObject({ id: 'a', state: 'failed' });
  expect(failed?.note).toMatch(
    /^ended before it answered, with exit code 3: .*no such model \(log .*a\.log\)$/,
  );
  await driver.scale(launch('a'), live());
  expect(rig.events.filter(({ kind }) => kind === 'launched').length).toBe(1);
  await driver.scale(remove('a'), live());
  expect(await driver.list('cpu', live())).toEqual([]);
});

it('lists one that ended later no more, and launches it again when ordered', async () => {
  const { rig, driver } = await open();
  await driver.scale(launch('a'), live());
  await listed(driver, ready(1));
  process.kill(pidOf(driver, 'a'), 'SIGKILL');
  expect(await listed(driver, none)).toEqual([]);
  await until(
    async () => rig.events.at(-1),
    (event) => event?.kind === 'exited',
  );
  expect(rig.events.at(-1)).toMatchObject({ id: 'a', how: 'by SIGKILL' });
  await driver.scale(launch('a'), live());
  await listed(driver, ready(1));
});

it('keeps one ready that hangs after it has answered', async () => {
  const { driver } = await open({ TINY_MODE: 'hanging' });
  await driver.scale(launch('a'), live());
  await listed(driver, ready(1));
  expect(await driver.list('cpu', live())).toMatchObject([{ id: 'a', state: 'ready' }]);
});

it('says which program there is none of', async () => {
  const { driver } = await open({}, { program: '/nowhere/model-server' });
  await expect(driver.scale(launch('a'), live())).rejects.toMatchObject({
    code: 'SCALER_DRIVER_FAILED',
    message: expect.stringContaining('/nowhere/model-server ENOENT'),
  });
  expect(await driver.list('cpu', live())).toEqual([]);
});

it('writes what a replica says to a file that only the user can read', async () => {
  const { rig, driver } = await open();
  await driver.scale(launch('a'), live());
  const [replica] = await listed(driver, ready(1));
  const path = `${rig.stateDir}/logs/a.log`;
  expect(replica?.note).toBe(`pid ${driver.pidOf('a')}, log ${path}`);
  expect(await readFile(path, 'utf8')).toMatch(/^tiny server, plain, on 127\.0\.0\.1:\d+\n$/);
  expect(((await stat(path)).mode & 0o777).toString(8)).toBe('600');
});

it('leaves other pools of the user alone', async () => {
  const first = await open();
  const second = await open();
  await first.driver.scale(launch('a'), live());
  await listed(first.driver, ready(1));
  await second.driver.scale({ ...remove('a') }, live());
  await second.driver.endAll(live());
  expect((await first.driver.list('cpu', live())).length).toBe(1);
});

it('launches the real local backend, which embeds, and ends when told', async () => {
  const { driver } = await open(
    { MAX_WORKERS: '1', STOP_TIMEOUT_MS: '1000', FOREBAY_MODEL_DIR: modelDir },
    { args: [LOCAL_BACKEND], stopTimeoutMs: 1_000 },
  );
  await driver.scale(launch('real'), live());
  const [replica] = await listed(driver, ready(1));
  const answer = await fetch(replica?.url ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ inputs: 'hello' }),
  });
  expect(await answer.json()).toHaveLength(384);
  await driver.scale(remove('real'), live());
  expect(await listed(driver, none)).toEqual([]);
});

function pidOf(driver: ProcessDriver, id: string): number {
  const pid = driver.pidOf(id);
  if (pid === undefined) throw new Error(`no process stands for ${id}`);
  return pid;
}

/** Processes of this machine that carry the pool in their environment, children included. */
async function countProcesses(pool: string): Promise<number> {
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
