import { ManualClock } from '@forebay/testing';
import { describe, expect, it } from 'vitest';
import { ScalerError } from '../errors.ts';
import type { DriverEvent } from './driver.ts';
import { driverContract } from './driver-contract.test-support.ts';
import { type EcsOptions, ecsOptionsSchema } from './ecs/ecs-options.ts';
import { FakeEcs, NO_METRICS } from './ecs/fake-ecs.test-support.ts';
import { EcsDriver } from './ecs-driver.ts';

const live = () => new AbortController().signal;

/** A driver for the services `cpu` and `gpu`, each a group of the same name, on one fake. */
function site(options: Partial<EcsOptions> = {}) {
  const clock = new ManualClock();
  const ecs = new FakeEcs(clock);
  const events: DriverEvent[] = [];
  const groups = new Map(
    ['cpu', 'gpu'].map((service) => [
      service,
      { ...ecsOptionsSchema.parse({ cluster: 'embed', service }), ...options },
    ]),
  );
  for (const service of groups.keys()) ecs.create(service);
  const driver = () =>
    new EcsDriver(groups, {
      ecs,
      instances: ecs,
      scaling: ecs,
      cloudWatch: NO_METRICS,
      clock,
      onEvent: (event) => events.push(event),
    });
  const pass = async () => {
    ecs.step();
    await clock.advance(1_000);
  };
  return { clock, ecs, events, driver: driver(), anotherDriver: driver, pass };
}

for (const taskProtection of [true, false]) {
  driverContract(
    taskProtection ? 'ecs' : 'ecs (that lets ECS choose)',
    async () => {
      const { ecs, anotherDriver, pass } = site({ taskProtection });
      return {
        groups: ['cpu', 'gpu'],
        driver: anotherDriver,
        pass,
        async cutOff() {
          ecs.faults = { '*': new ScalerError('SCALER_DRIVER_FAILED', 'no route', { retryable: true }) };
        },
        close: async () => undefined,
      };
    },
    { showsStarting: true, knowsUrls: true },
  );
}

/** A site whose group `cpu` has so many ready tasks. */
async function running(count: number, options: Partial<EcsOptions> = {}) {
  const made = site(options);
  await made.driver.scale({ group: 'cpu', desired: count, launch: [], remove: [] }, live());
  for (let i = 0; i < 5; i += 1) await made.pass();
  const list = () => made.driver.list('cpu', live());
  const ids = (await list()).map(({ id }) => id);
  expect(ids.length).toBe(count);
  made.ecs.calls.length = 0;
  const scale = (desired: number, remove: readonly string[] = []) =>
    made.driver.scale({ group: 'cpu', desired, launch: [], remove }, live());
  const settle = async () => {
    for (let i = 0; i < 8; i += 1) await made.pass();
  };
  return { ...made, ids, list, scale, settle };
}

const idsOf = (replicas: readonly { readonly id: string }[]) => replicas.map(({ id }) => id);

describe('scale-in by protection', () => {
  it('takes the chosen task although ECS would take others, and lets go of the rest', async () => {
    const { ecs, ids, list, scale, settle } = await running(4);
    await scale(3, [ids[3] ?? '']);
    expect(ecs.tasks.filter(({ protectedUntilMs = 0 }) => protectedUntilMs > 0).length).toBe(3);
    await settle();
    expect(idsOf(await list())).toEqual(ids.slice(0, 3));
    expect(ecs.tasks.map(({ protectedUntilMs }) => protectedUntilMs)).toEqual([0, 0, 0]);
    expect(ecs.calls).not.toContain('stopTask');
  });

  it('replaces a task that is to go while as many shall be left', async () => {
    const { ecs, ids, list, scale, settle } = await running(3);
    await scale(3, [ids[0] ?? '']);
    await settle();
    expect(idsOf(await list())).toEqual([...ids.slice(1), expect.any(String)]);
    expect(ecs.desired('cpu')).toBe(3);
  });

  it('leaves a task that protects itself to ECS, which takes it when its protection ends', async () => {
    const { clock, ecs, ids, list, scale, settle } = await running(2);
    const untilMs = clock.nowMs() + 3_600_000;
    ecs.change(({ arn }) => arn.endsWith(ids[1]?.slice(-4) ?? ''), { protectedUntilMs: untilMs });
    await scale(1, [ids[1] ?? '']);
    await settle();
    await scale(1, [ids[1] ?? '']);
    expect(idsOf(await list())).toEqual(ids);
    expect(ecs.tasks.map(({ protectedUntilMs }) => protectedUntilMs)).toContain(untilMs);
    await clock.advance(3_600_000);
    await scale(1, [ids[1] ?? '']);
    await settle();
    expect(idsOf(await list())).toEqual(ids.slice(0, 1));
  });

  it('does not lower the count when a task that serves can not be spared', async () => {
    const { ecs, ids, scale } = await running(3);
    ecs.protect = async (_, arns) => ({
      set: [],
      failures: arns.map((arn) => ({ arn, reason: 'DEPLOYMENT_BLOCKED' })),
    });
    await expect(scale(2, [ids[2] ?? ''])).rejects.toMatchObject({
      code: 'SCALER_DRIVER_FAILED',
      retryable: true,
      message: expect.stringContaining('DEPLOYMENT_BLOCKED'),
    });
    expect(ecs.desired('cpu')).toBe(3);
  });

  it('takes one task when two scalers order the same', async () => {
    const { ids, anotherDriver, driver, list, settle } = await running(4);
    const order = { group: 'cpu', desired: 3, launch: [], remove: [ids[3] ?? ''] };
    await Promise.all([driver.scale(order, live()), anotherDriver().scale(order, live())]);
    await settle();
    expect(idsOf(await list())).toEqual(ids.slice(0, 3));
  });

  it('takes the chosen one of 600', async () => {
    const { ids, list, scale, settle } = await running(600);
    await scale(599, [ids[300] ?? '']);
    await settle();
    expect(idsOf(await list())).toEqual(ids.toSpliced(300, 1));
  });
});

describe('what AWS does to tasks', () => {
  it('shows a spot interruption with its deadline and asks for no second replacement', async () => {
    const { clock, ecs, ids, list, scale } = await running(3);
    ecs.change(({ arn }) => arn.endsWith(ids[0]?.slice(-4) ?? ''), {
      desiredStatus: 'STOPPED',
      stopCode: 'SpotInterruption',
      stoppingAtMs: clock.nowMs(),
    });
    const leaving = { because: 'spot interruption', deadlineMs: clock.nowMs() + 120_000 };
    expect((await list()).find(({ id }) => id === ids[0])).toMatchObject({ state: 'ready', leaving });
    // As the loop counts: three that are wanted, and the one that leaves.
    await scale(4);
    expect(ecs.desired('cpu')).toBe(3);
  });

  it('counts as the list that an order is based on did, whatever became of tasks since', async () => {
    const { ecs, list, scale } = await running(3);
    await list();
    ecs.change(() => true, { health: 'UNHEALTHY' });
    await scale(3);
    expect(ecs.desired('cpu')).toBe(3);
  });

  it('shows tasks of an instance that drains as leaving, with the machine and its address', async () => {
    const { ecs, list } = await running(1);
    const arn = 'arn:aws:ecs:eu-west-1:123456789012:container-instance/embed/1';
    ecs.containerInstances = [{ arn, instanceId: 'i-1', status: 'DRAINING' }];
    ecs.addresses = new Map([['i-1', '10.1.0.7']]);
    const { privateIp: _, ...task } = ecs.tasks[0] ?? ({} as never); // there is one
    ecs.change(() => true, { lastStatus: 'STOPPED', desiredStatus: 'STOPPED' });
    ecs.place({ ...task, containerInstanceArn: arn, ports: [{ container: 8080, host: 32_768 }] });
    const [replica] = await list();
    expect(replica).toMatchObject({
      machine: 'i-1',
      url: 'http://10.1.0.7:32768/predictions/all-MiniLM-L6-v2',
      leaving: { because: 'container instance i-1 is draining' },
    });
    await list();
    expect(ecs.calls.filter((call) => call === 'instanceAddresses').length).toBe(1);
  });

  it('warns once while there is no room, and notes it on tasks that wait', async () => {
    const { ecs, events, list, scale, pass } = await running(1);
    ecs.room = 2;
    ecs.stuck = true;
    await scale(3);
    await pass();
    const replicas = await list();
    await list();
    expect(replicas.map(({ state, note }) => ({ state, note }))).toEqual([
      { state: 'ready', note: undefined },
      { state: 'starting', note: '(service cpu) was unable to place a task.' },
    ]);
    expect(events).toEqual([
      {
        kind: 'warned',
        group: 'cpu',
        message:
          "ECS can't start what group cpu asks for, it says: (service cpu) was unable to place a task.",
      },
    ]);
  });

  it('shows what a deployment replaces as leaving, and neither asks for more nor holds it up', async () => {
    const { ecs, ids, list, scale, pass, settle } = await running(3);
    ecs.rollOut('cpu');
    await pass();
    const seen = await list();
    expect(seen.map(({ id, state, leaving }) => ({ old: ids.includes(id), state, leaving }))).toEqual([
      ...ids.map(() => ({
        old: true,
        state: 'ready',
        leaving: { because: 'a newer deployment replaces it' },
      })),
      ...ids.map(() => ({ old: false, state: 'starting', leaving: undefined })),
    ]);
    // As the loop counts: three that are wanted, and three that leave; then two of them, while one is to go.
    await scale(6);
    await scale(5, [ids[0] ?? '']);
    expect(ecs.desired('cpu')).toBe(3);
    await settle();
    const after = idsOf(await list());
    expect({ count: after.length, old: after.filter((id) => ids.includes(id)) }).toEqual({
      count: 3,
      old: [],
    });
  });

  it('waits for the health check where there is one', async () => {
    const { ecs, list, scale, pass } = await running(1);
    ecs.change(() => true, { health: 'HEALTHY' });
    ecs.hasHealthCheck = true;
    await scale(2);
    for (let i = 0; i < 4; i += 1) await pass();
    // The first definition was read before; another revision has the check.
    ecs.change(({ health }) => health === 'UNKNOWN', { definitionArn: 'task-definition/cpu:2' });
    expect((await list()).map(({ state }) => state)).toEqual(['ready', 'starting']);
    ecs.change(({ health }) => health === 'UNKNOWN', { health: 'UNHEALTHY' });
    expect((await list()).map(({ state }) => state)).toEqual(['ready', 'unhealthy']);
  });
});

const target = { resourceId: 'service/embed/cpu', min: 2, max: 10, suspended: false };

describe('other scalers', () => {
  it('refuses to act beside a scalable target, and looks once a minute', async () => {
    const { clock, ecs, events, list, scale } = await running(1);
    ecs.targets = [target];
    await clock.advance(60_000);
    await list();
    await expect(scale(2)).rejects.toMatchObject({ code: 'SCALER_DRIVER_CONFLICT', retryable: false });
    await expect(scale(2)).rejects.toMatchObject({ code: 'SCALER_DRIVER_CONFLICT' });
    expect(ecs.calls.filter((call) => call === 'ecsTargets').length).toBe(1);
    expect(events.length).toBe(1);
    ecs.targets = [{ ...target, suspended: true }];
    await clock.advance(60_000);
    await scale(2);
    expect(ecs.desired('cpu')).toBe(2);
  });

  it('acts with a warning where that is enough, or where it may not look', async () => {
    const warned = await running(1, { onForeignScaler: 'warn' });
    warned.ecs.targets = [target];
    await warned.clock.advance(60_000);
    await warned.scale(2);
    expect(warned.events).toMatchObject([{ kind: 'warned', group: 'cpu' }]);
    const blind = site();
    blind.ecs.faults = { ecsTargets: new ScalerError('SCALER_DRIVER_FAILED', 'AccessDenied') };
    await blind.driver.scale({ group: 'cpu', desired: 2, launch: [], remove: [] }, live());
    expect(blind.ecs.desired('cpu')).toBe(2);
    expect(blind.events).toMatchObject([{ message: expect.stringContaining('AccessDenied; allow') }]);
  });
});

describe('calls that go wrong', () => {
  it('ends with its signal when a call hangs', async () => {
    const { ecs, driver } = await running(1);
    ecs.faults = { describeTasks: 'hangs' };
    const stop = new AbortController();
    const listed = driver.list('cpu', stop.signal);
    stop.abort(new Error('no answer within 10 s'));
    await expect(listed).rejects.toMatchObject({ code: 'SCALER_DRIVER_FAILED', retryable: true });
  });

  it('says that it is throttled', async () => {
    const { ecs, list } = await running(1);
    ecs.faults = { listTasks: new ScalerError('SCALER_DRIVER_THROTTLED', 'slow down', { retryable: true }) };
    await expect(list()).rejects.toMatchObject({ code: 'SCALER_DRIVER_THROTTLED' });
  });

  it('names a service that does not exist', async () => {
    const { driver } = site({ service: 'other' });
    await expect(driver.list('cpu', live())).rejects.toMatchObject({
      code: 'SCALER_DRIVER_FAILED',
      retryable: false,
      message: expect.stringContaining('ECS service other in cluster embed: there is none'),
    });
  });

  it('reads a task that has stopped once', async () => {
    const { ecs, list, scale, settle } = await running(2);
    await scale(0);
    await settle();
    await list();
    ecs.calls.length = 0;
    expect(await list()).toEqual([]);
    expect(ecs.calls).not.toContain('describeTasks');
  });
});
