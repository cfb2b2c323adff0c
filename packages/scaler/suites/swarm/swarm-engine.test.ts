import { setTimeout as sleepFor } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { docker, enginePaths } from '../../../../rigs/swarm/engine.ts';
import type { SwarmDriver, SwarmDriverOptions } from '../../src/drivers/swarm-driver.ts';
import type { ObservedReplica } from '../../src/values/replica.ts';
import { describeOnSwarm, swarmDriver } from './swarm-under-test.ts';
import { createService, removeServices } from './test-services.ts';

let names = 0;

// What the fake Engine claims that a real one does, and what only a real one can show.
describeOnSwarm('a real Engine', () => {
  let service = '';
  let driver: SwarmDriver;
  const open = (options: Partial<SwarmDriverOptions> = {}) => {
    driver = swarmDriver(enginePaths().socket, options);
    return driver;
  };
  beforeEach(() => {
    names += 1;
    service = `engine-${process.pid}-${names}`;
    open();
  });
  afterEach(async () => {
    await driver.close();
    await removeServices([service]);
  });

  const live = () => AbortSignal.timeout(10_000);
  const list = () => driver.list(service, live());
  const scale = (desired: number, remove: readonly string[] = [], by = driver) =>
    by.scale({ group: service, desired, launch: [], remove }, live());
  async function listUntil(done: (replicas: readonly ObservedReplica[]) => boolean) {
    for (let looks = 0; looks < 200; looks += 1) {
      const replicas = await list();
      if (done(replicas)) return replicas;
      await sleepFor(100);
    }
    throw new Error(`not so after 20 s: ${JSON.stringify(await list())}`);
  }
  const allReady = (count: number) => (replicas: readonly ObservedReplica[]) =>
    replicas.length === count && replicas.every(({ state }) => state === 'ready');
  const specOf = async () => JSON.parse(await docker(['service', 'inspect', service]))[0].Spec;

  it('keeps the spec and the tasks that run, when only their number is to change', async () => {
    const more = [
      '--label',
      'a=b',
      '--update-delay',
      '7s',
      '--limit-memory',
      '50M',
      '--env',
      'X={{.Task.Slot}}',
    ];
    await createService(service, 2, more);
    const before = await listUntil(allReady(2));
    const spec = await specOf();
    await scale(3);
    const after = await listUntil(allReady(3));
    expect(after).toEqual(expect.arrayContaining([...before]));
    expect(await specOf()).toEqual({ ...spec, Mode: { Replicated: { Replicas: 3 } } });
  });

  it('converges with others who change the service at the same time, and undoes none of their changes', async () => {
    await createService(service, 1);
    const scalers = Array.from({ length: 4 }, () => swarmDriver(enginePaths().socket));
    const labels = async () => {
      for (let n = 1; n <= 5; n += 1) {
        // The command line doesn't try again by itself.
        for (let tries = 0; ; tries += 1) {
          const done = await docker(['service', 'update', '--detach', '--label-add', `n=${n}`, service]).then(
            () => true,
            () => false,
          );
          if (done || tries > 20) break;
        }
      }
    };
    const orders = async (by: SwarmDriver) => {
      for (const desired of [2, 4, 1, 3]) await scale(desired, [], by);
    };
    await Promise.all([labels(), ...scalers.map(orders)]);
    await scale(3);
    await Promise.all(scalers.map((each) => each.close()));
    expect(await specOf()).toMatchObject({ Labels: { n: '5' }, Mode: { Replicated: { Replicas: 3 } } });
    expect(await listUntil(allReady(3))).toHaveLength(3);
  });

  it('calls a task ready only once its health check passes, and tells why an earlier one was ended', async () => {
    await createService(service, 1, ['--health-cmd', 'false', '--restart-delay', '1s']);
    const states = new Set<string>();
    const seen = await listUntil((replicas) => {
      for (const { state } of replicas) states.add(state);
      return replicas.some(({ note }) => note?.includes('unhealthy') === true);
    });
    expect(states).not.toContain('ready');
    expect(seen[0]?.note).toContain('unhealthy container');
  });

  it('tells of an image that is not there', async () => {
    await createService(service, 0);
    await docker(['service', 'update', '--detach', '--no-resolve-image', '--image', 'nope/nope:1', service]);
    await scale(1);
    const [replica] = await listUntil(([first]) => first?.note !== undefined);
    expect(replica?.note).toContain('No such image: nope/nope:1');
  });

  it('says that there is no room', async () => {
    await createService(service, 0, ['--reserve-cpu', '1']);
    await scale(64);
    await expect
      .poll(() => scale(64).catch((error: unknown) => error), { timeout: 10_000 })
      .toMatchObject({
        code: 'SCALER_DRIVER_CAPACITY',
        message: expect.stringMatching(
          /\d+ of 64 tasks .*no suitable node \(insufficient resources/,
        ) as string,
      });
    expect((await list()).length).toBeLessThan(64);
  });

  it('lists nothing of a node that is drained, and new tasks when it is back', async () => {
    await createService(service, 2);
    const before = await listUntil(allReady(2));
    const node = (await docker(['node', 'ls', '--quiet'])).trim();
    try {
      await docker(['node', 'update', '--availability', 'drain', node]);
      await listUntil((replicas) => replicas.length === 0);
      await expect
        .poll(() => scale(2).catch((error: unknown) => error), { timeout: 10_000 })
        .toMatchObject({ code: 'SCALER_DRIVER_CAPACITY' });
    } finally {
      await docker(['node', 'update', '--availability', 'active', node]);
    }
    const after = await listUntil(allReady(2));
    expect(after.filter(({ id }) => before.some((one) => one.id === id))).toEqual([]);
  });

  it('has a replica replaced that is to go while the number stays', async () => {
    await createService(service, 2, ['--restart-delay', '500ms']);
    const [one, two] = await listUntil(allReady(2));
    await scale(2, [one?.id ?? '']);
    const after = await listUntil((replicas) => allReady(2)(replicas) && replicas[0]?.id !== one?.id);
    expect(after.map(({ id }) => id)).toContain(two?.id);
  });

  it('gives tasks their address on an overlay network', async () => {
    await docker(['network', 'create', '--driver', 'overlay', service]);
    try {
      await driver.close();
      open({ url: { port: 8080, path: '/predictions/m' } });
      await createService(service, 1, ['--network', service, '--endpoint-mode', 'dnsrr'], []);
      const [replica] = await listUntil(allReady(1));
      expect(replica?.url).toMatch(/^http:\/\/10\.\d+\.\d+\.\d+:8080\/predictions\/m$/);
    } finally {
      await removeServices([service]);
      await expect
        .poll(
          () =>
            docker(['network', 'rm', service]).then(
              () => true,
              () => false,
            ),
          { timeout: 20_000, interval: 500 },
        )
        .toBe(true);
    }
  });

  it('refuses a service with one task on each node', async () => {
    await docker([
      'service',
      'create',
      '--detach',
      '--name',
      service,
      '--mode',
      'global',
      '--no-resolve-image',
      'x/x:1',
    ]);
    await expect(list()).rejects.toThrow(/has mode Global/);
    await expect(scale(2)).rejects.toThrow(/has mode Global/);
  });

  it('measures CPU against the limit, and memory', async () => {
    await createService(
      service,
      2,
      ['--limit-cpu', '0.2', '--limit-memory', '20M'],
      undefined,
      'while :; do :; done',
    );
    await listUntil(allReady(2));
    await driver.measure(service, live());
    await sleepFor(2_000);
    const { cpu_percent: cpu, memory_percent: memory } = await driver.measure(service, live());
    expect(cpu).toMatchObject({ kind: 'value' });
    expect(memory).toMatchObject({ kind: 'value' });
    if (cpu?.kind !== 'value' || memory?.kind !== 'value') return;
    // It takes all that it is given: a fifth of a CPU, unless the machine is busier than that.
    expect(cpu.value).toBeGreaterThan(20);
    expect(cpu.value).toBeLessThan(130);
    expect(memory.value).toBeGreaterThan(0);
    expect(memory.value).toBeLessThan(50);
  });
});
