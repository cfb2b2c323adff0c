import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { realModel } from '../../local-backend/test/model.ts';
import { systemClock } from '../src/clock.ts';
import type { ObservedReplica } from '../src/values/replica.ts';
import { countProcesses, launch, listed, live, none, ready, remove, until } from './process-orders.ts';
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
  const pids = ['a', 'b'].map((id) => driver.pids.get(id));
  await driver.scale(launch('a', 'b', 'c'), live());
  await listed(driver, ready(3));
  expect(['a', 'b'].map((id) => driver.pids.get(id))).toEqual(pids);
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
