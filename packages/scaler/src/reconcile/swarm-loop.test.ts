import { expect, it } from 'vitest';
import { EngineApi } from '../drivers/swarm/engine-api.ts';
import { FakeEngine } from '../drivers/swarm/fake-engine.test-support.ts';
import { SwarmDriver } from '../drivers/swarm-driver.ts';
import { World } from './world.test-support.ts';

/** Tasks of node n1, seen from the manager `node`, and the loop over them. */
function swarmOf(node: string) {
  const world = new World({ initial: 2, startup: { expectedSeconds: 5, timeoutSeconds: 30 } });
  world.queue = 2;
  const engine = new FakeEngine(world.clock);
  engine.create('djl', 0);
  const http = engine.http();
  const manager = new EngineApi({
    ...http,
    call: (request, signal) =>
      request.path.endsWith('/info')
        ? Promise.resolve({ status: 200, body: { Swarm: { NodeID: node } } })
        : http.call(request, signal),
  });
  const warnings: string[] = [];
  const driver = new SwarmDriver({
    engine: manager,
    engines: {},
    serviceOf: () => 'djl',
    url: { port: 8080, path: '/' },
    clock: world.clock,
    onEvent: ({ message }) => warnings.push(message),
  });
  return { world, engine, warnings, scaler: world.scaler({ driver }) };
}

it('does not give up tasks that take too long and that it can not end: they serve once they are up', async () => {
  const { world, engine, warnings, scaler } = swarmOf('n2');
  engine.startupMs = 60_000;
  await world.ticks(scaler, 30);
  expect(world.rows.map(({ state }) => state.kind)).toEqual(['ready', 'ready']);
  expect([engine.history.length, warnings]).toEqual([2, []]);
});

it('ends tasks that take too long where it can', async () => {
  const { world, engine, scaler } = swarmOf('n1');
  engine.neverRunning = new Set(['t1', 't2']);
  await world.ticks(scaler, 30);
  expect(world.rows.map(({ state }) => state.kind)).toEqual(['ready', 'ready']);
  expect(engine.alive.map(({ id }) => id)).toEqual(['t3', 't4']);
});
