import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@forebay/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { type DriverRig, driverContract } from './driver-contract.test-support.ts';
import { JsonHttp } from './json-http.ts';
import { EngineApi } from './swarm/engine-api.ts';
import { FakeEngine, fakeNode } from './swarm/fake-engine.test-support.ts';
import { SwarmDriver, type SwarmDriverOptions } from './swarm-driver.ts';

const NOW_MS = Date.parse('2027-01-15T08:00:00Z');
const live = () => AbortSignal.timeout(5_000);
const toEnd: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of toEnd.splice(0)) await end();
});

let sockets = 0;

/** The fake behind a real socket. */
async function fakeSwarm() {
  const clock = new ManualClock(NOW_MS);
  const engine = new FakeEngine(clock);
  const path = join(tmpdir(), `forebay-fake-engine-${process.pid}-${++sockets}.sock`);
  await engine.listen(path);
  toEnd.push(() => engine.close());
  const warnings: string[] = [];
  const driver = (options: Partial<SwarmDriverOptions> = {}) => {
    const http = new JsonHttp({ baseUrl: `unix://${path}`, platform: 'Docker Engine' });
    const made = new SwarmDriver({
      engine: new EngineApi(http),
      engines: {},
      serviceOf: (group) => `embed_${group}`,
      url: { port: 8080, path: '/predictions/m' },
      clock,
      onEvent: ({ message }) => warnings.push(message),
      ...options,
    });
    toEnd.push(() => made.close());
    return made;
  };
  return { clock, engine, driver, warnings };
}

const order = (desired: number, remove: readonly string[] = []) => ({
  group: 'cpu',
  desired,
  launch: [],
  remove,
});

/** The fake as another node than its own sees it. */
function engineOfNode(node: string, engine: FakeEngine): EngineApi {
  const answers = engine.http();
  return new EngineApi({
    ...answers,
    call: (request, signal) =>
      request.path.endsWith('/info')
        ? Promise.resolve({ status: 200, body: { Swarm: { NodeID: node } } })
        : answers.call(request, signal),
  });
}

driverContract(
  'swarm over a fake Engine',
  async (): Promise<DriverRig> => {
    const { clock, engine, driver } = await fakeSwarm();
    engine.create('embed_cpu', 0);
    engine.create('embed_gpu', 0);
    return {
      groups: ['cpu', 'gpu'],
      driver,
      pass: () => clock.advance(500),
      cutOff: () => engine.close(),
      close: async () => {
        for (const end of toEnd.splice(0)) await end();
      },
    };
  },
  { showsStarting: true, knowsUrls: true },
);

describe('against others', () => {
  it('reads anew and tries again when the service was changed in between, and keeps that change', async () => {
    const { engine, driver } = await fakeSwarm();
    engine.create('embed_cpu', 2);
    let changes = 0;
    engine.onRequest = (request) => {
      if (request.startsWith('POST') && changes < 3) engine.change('embed_cpu', { Labels: { n: ++changes } });
    };
    await driver().scale(order(4), live());
    expect(engine.specOf('embed_cpu')).toMatchObject({
      Labels: { n: 3 },
      Mode: { Replicated: { Replicas: 4 } },
    });
    expect(engine.requests.filter((each) => each.startsWith('POST'))).toHaveLength(4);
  });

  it('gives up on one that never stands still, and says that a later try may do', async () => {
    const { engine, driver } = await fakeSwarm();
    engine.create('embed_cpu', 2);
    engine.onRequest = (request) => {
      if (request.startsWith('POST')) engine.change('embed_cpu', {});
    };
    await expect(driver().scale(order(4), live())).rejects.toMatchObject({
      code: 'SCALER_DRIVER_FAILED',
      retryable: true,
      message: expect.stringContaining('changed by others 10 times') as string,
    });
  });

  it('ends with one count when many scalers order at a time', async () => {
    const { engine, driver } = await fakeSwarm();
    engine.create('embed_cpu', 2);
    await Promise.all(Array.from({ length: 8 }, () => driver().scale(order(5), live())));
    expect(engine.alive).toHaveLength(5);
    expect(engine.history).toHaveLength(5);
  });

  it('sends the whole spec back, with what it does not know', async () => {
    const { engine, driver } = await fakeSwarm();
    const more = { Labels: { a: 'b' }, EndpointSpec: { Mode: 'dnsrr' }, NewerThanUs: { x: [1] } };
    engine.create('embed_cpu', 1, more);
    const before = engine.specOf('embed_cpu');
    await driver().scale(order(3), live());
    expect(engine.specOf('embed_cpu')).toEqual({ ...before, Mode: { Replicated: { Replicas: 3 } } });
  });
});

describe('in trouble', () => {
  it.each([
    [429, 'slow down', 'SCALER_DRIVER_THROTTLED', true],
    [500, 'rpc error: The swarm does not have a leader', 'SCALER_DRIVER_FAILED', true],
    [503, 'This node is not a swarm manager.', 'SCALER_DRIVER_FAILED', false],
    [403, 'forbidden by the proxy', 'SCALER_DRIVER_FAILED', false],
  ])('says what a %i with "%s" means', async (status, message, code, retryable) => {
    const { engine, driver } = await fakeSwarm();
    engine.create('embed_cpu', 1);
    engine.script(/services/, { kind: 'answers', status, message });
    await expect(driver().list('cpu', live())).rejects.toMatchObject({
      code,
      retryable,
      message: expect.stringContaining(message) as string,
    });
  });

  it.each(['/tasks', '/nodes', '/services'])(
    'fails as a whole when %s hangs, in the time it is given',
    async (path) => {
      const { engine, driver } = await fakeSwarm();
      engine.create('embed_cpu', 1);
      engine.script(new RegExp(path), { kind: 'hangs' });
      await expect(driver().list('cpu', AbortSignal.timeout(100))).rejects.toMatchObject({
        code: 'SCALER_DRIVER_FAILED',
        retryable: true,
      });
    },
  );

  it('launches nothing twice when the answer to an update is lost', async () => {
    const { engine, driver } = await fakeSwarm();
    engine.create('embed_cpu', 0);
    const swarm = driver();
    engine.script(/update/, { kind: 'cut-after' });
    await expect(swarm.scale(order(3), live())).rejects.toMatchObject({ code: 'SCALER_DRIVER_FAILED' });
    await swarm.scale(order(3), live());
    expect(engine.history).toHaveLength(3);
  });

  it('says what to do about a service that is not there, or has no number of tasks', async () => {
    const { engine, driver } = await fakeSwarm();
    engine.create('embed_gpu', 0, { Mode: { Global: {} } });
    await expect(driver().list('cpu', live())).rejects.toMatchObject({
      code: 'SCALER_DRIVER_FAILED',
      message: expect.stringMatching(
        /"embed_cpu" of group "cpu" does not exist.*docker stack deploy/,
      ) as string,
    });
    await expect(driver().scale({ ...order(2), group: 'gpu' }, live())).rejects.toMatchObject({
      code: 'SCALER_DRIVER_FAILED',
      message: expect.stringMatching(/"embed_gpu" has mode Global.*mode: replicated/) as string,
    });
  });

  it('refuses an Engine of before tasks waited for their health', async () => {
    const { engine, driver } = await fakeSwarm();
    engine.apiVersion = '1.24';
    await expect(driver().list('cpu', live())).rejects.toMatchObject({
      message: expect.stringContaining('API 1.24') as string,
    });
  });

  it('lists no task without a node, and says why there is none when they are ordered again', async () => {
    const { engine, driver, clock } = await fakeSwarm();
    engine.room = 2;
    engine.create('embed_cpu', 0);
    const swarm = driver();
    await swarm.scale(order(5), live());
    await clock.advance(1_000);
    expect((await swarm.list('cpu', live())).map(({ state }) => state)).toEqual(['ready', 'ready']);
    await expect(swarm.scale(order(5), live())).rejects.toMatchObject({
      code: 'SCALER_DRIVER_CAPACITY',
      retryable: true,
      message: expect.stringContaining(
        '3 of 5 tasks of service "embed_cpu" have found no node: no suitable',
      ) as string,
    });
  });

  it('tells with a starting task why the one before it failed', async () => {
    const { engine, driver } = await fakeSwarm();
    engine.create('embed_cpu', 2);
    engine.fail('t1', 'No such image: djl', 'rejected');
    expect(await driver().list('cpu', live())).toMatchObject([
      { id: 'embed_cpu.1.t3', state: 'starting', note: 'the one before it failed: No such image: djl' },
      { id: 'embed_cpu.2.t2', state: 'starting' },
    ]);
  });

  it('shows tasks of a node that is down as unhealthy, and of a drained one as leaving', async () => {
    const { engine, driver, clock } = await fakeSwarm();
    engine.create('embed_cpu', 1);
    await clock.advance(1_000);
    engine.nodes = [fakeNode('n1', { state: 'down' })];
    expect(await driver().list('cpu', live())).toMatchObject([
      { state: 'unhealthy', machine: 'n1', note: 'its node host-n1 is down' },
    ]);
    engine.nodes = [fakeNode('n1', { availability: 'drain' })];
    expect(await driver().list('cpu', live())).toMatchObject([
      { state: 'ready', leaving: { because: 'node host-n1 is drained' } },
    ]);
  });

  it('ends the containers of those that are to go while the number stays: Swarm replaces them', async () => {
    const { engine, driver } = await fakeSwarm();
    engine.create('embed_cpu', 2);
    await driver().scale(order(2, ['embed_cpu.1.t1', 'embed_cpu.9.never']), live());
    expect(engine.alive.map(({ id }) => id)).toEqual(['t2', 't3']);
  });

  it('says once which it can not end, since their Engine is not known, and what to do', async () => {
    const { engine, driver, warnings } = await fakeSwarm();
    engine.create('embed_cpu', 2);
    const swarm = driver({ engine: engineOfNode('n2', engine) });
    for (let i = 0; i < 3; i += 1) await swarm.scale(order(2, ['embed_cpu.1.t1']), live());
    expect(engine.alive.map(({ id }) => id)).toEqual(['t1', 't2']);
    expect(warnings).toEqual([
      'embed_cpu.1.t1 shall be replaced, and the Engine of node n1 is not known: it stays and gets no work until you give drivers.swarm.engines n1, or run docker service update --force embed_cpu',
    ]);
    await swarm.scale(order(2), live());
    await swarm.scale(order(2, ['embed_cpu.1.t1', 'embed_cpu.2.t2']), live());
    expect(warnings).toHaveLength(2);
  });

  it('lists hundreds', async () => {
    const { engine, driver, clock } = await fakeSwarm();
    engine.create('embed_cpu', 600);
    await clock.advance(1_000);
    const listed = await driver().list('cpu', live());
    expect(new Set(listed.map(({ id }) => id)).size).toBe(600);
    expect(listed.every(({ state }) => state === 'ready')).toBe(true);
  });
});

describe('measuring', () => {
  it('knows memory at the first look and CPU from the second on', async () => {
    const { engine, driver, clock } = await fakeSwarm();
    engine.create('embed_cpu', 40);
    await clock.advance(1_000);
    const swarm = driver();
    const atMs = clock.nowMs();
    const first = await swarm.measure('cpu', live());
    const reason = 'task t1: it was looked at for the first time';
    expect(first).toEqual({
      cpu_percent: { kind: 'missing', reason, atMs },
      memory_percent: { kind: 'value', value: 25, atMs },
    });
    await clock.advance(2_000);
    expect(await swarm.measure('cpu', live())).toEqual({
      cpu_percent: { kind: 'value', value: 50, atMs: atMs + 2_000 },
      memory_percent: { kind: 'value', value: 25, atMs: atMs + 2_000 },
    });
  });

  it('says which nodes it can not look at', async () => {
    const { engine, driver, clock } = await fakeSwarm();
    engine.create('embed_cpu', 1);
    engine.nodes = [fakeNode('n1'), fakeNode('n2')];
    await clock.advance(1_000);
    const manager = engineOfNode('n2', engine);
    const reason = '1 of 1 tasks run on nodes whose Engine is not known: give drivers.swarm.engines n1';
    expect(await driver({ engine: manager }).measure('cpu', live())).toMatchObject({
      memory_percent: { kind: 'missing', reason },
    });
    const engines = { 'host-n1': new EngineApi(engine.http()) };
    expect(await driver({ engine: manager, engines }).measure('cpu', live())).toMatchObject({
      memory_percent: { kind: 'value', value: 25 },
    });
  });

  it('is missing while nothing runs', async () => {
    const { engine, driver } = await fakeSwarm();
    engine.create('embed_cpu', 0);
    expect(await driver().measure('cpu', live())).toMatchObject({
      memory_percent: { kind: 'missing', reason: 'no task is running' },
    });
  });
});

it('warns once of a service that has no health check', async () => {
  const { engine, driver, warnings } = await fakeSwarm();
  engine.create('embed_cpu', 0, { TaskTemplate: { ContainerSpec: { Healthcheck: { Test: ['NONE'] } } } });
  const swarm = driver();
  for (let i = 0; i < 3; i += 1) await swarm.list('cpu', live());
  await swarm.scale(order(1), live());
  await swarm.list('cpu', live());
  expect(warnings).toEqual([expect.stringContaining('service "embed_cpu": it has no health check')]);
});
