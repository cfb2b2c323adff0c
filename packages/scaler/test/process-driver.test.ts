import { readFile, stat } from 'node:fs/promises';
import { afterEach, expect, it } from 'vitest';
import { countProcesses, launch, listed, live, none, pidOf, ready, remove, until } from './process-orders.ts';
import { type ProcessRig, processRig } from './process-rig.ts';

const rigs: ProcessRig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close();
});

async function open(...how: Parameters<typeof processRig>) {
  const rig = await processRig(...how);
  rigs.push(rig);
  return { rig, driver: rig.driver() };
}

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
  expect(replica?.note).toBe(`pid ${driver.pids.get('a')}, log ${path}`);
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
