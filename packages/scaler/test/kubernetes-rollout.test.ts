import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Pod, Workload } from '../../../rigs/kubernetes/kube-object.ts';
import { DEPLOYMENTS } from '../../../rigs/kubernetes/resources.ts';
import type { Scaler } from '../src/reconcile/scaler.ts';
import { NO_SIGNAL, World } from '../src/reconcile/world.test-support.ts';
import { type KubernetesRig, kubernetesRig } from './kubernetes-rig.ts';

// The real loop and the real driver over a Deployment that is given another template: the scaler must neither undo the rollout nor count it twice.

const READY = 4;
let rig: KubernetesRig;
let world: World;
let scaler: Scaler;
/** Whatever was seen since {@link watch}. */
let created: Set<string>;
let counts: Set<number>;
let fewestServing: number;

beforeEach(async () => {
  world = new World({
    min: 0,
    initial: READY,
    startup: { expectedSeconds: 10, timeoutSeconds: 120 },
    drainSeconds: 30,
  });
  world.queue = READY;
  rig = await kubernetesRig({ nowMs: () => world.clock.nowMs() });
  rig.cluster.knobs.readyAfterMs = 12_000;
  scaler = world.scaler({ driver: rig.driver({ clock: world.clock }) });
  watch();
  await ticks(8);
  watch();
});
afterEach(() => rig.close());

function watch(): void {
  created = new Set();
  counts = new Set();
  fewestServing = Number.POSITIVE_INFINITY;
}

async function ticks(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    await scaler.tick(NO_SIGNAL);
    for (let second = 0; second < 5; second += 1) {
      await world.clock.advance(1_000);
      rig.cluster.step();
      for (const { metadata } of rig.pods()) created.add(metadata.name);
      counts.add(deployment().spec.replicas ?? 0);
      fewestServing = Math.min(fewestServing, rig.pods().filter(serves).length);
    }
  }
}

const serves = ({ metadata, status }: Pod) =>
  metadata.deletionTimestamp === undefined &&
  status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True');

const deployment = () => rig.cluster.store.get(DEPLOYMENTS, 'default', 'djl-cpu') as Workload; // it is one

function rollOut(version: string, maxSurge: number | string): void {
  const { resourceVersion: _, ...metadata } = deployment().metadata;
  const { spec } = deployment();
  const template = { ...spec.template, metadata: { labels: { app: 'djl-cpu', version } } };
  const strategy = { rollingUpdate: { maxSurge } };
  rig.cluster.store.replace(DEPLOYMENTS, {
    ...deployment(),
    metadata,
    spec: { ...spec, template, strategy },
  });
}

const atRest = () => ({
  rows: world.rows.map(({ state }) => state.kind),
  pods: rig.pods().map(({ metadata }) => metadata.labels?.version),
});
const ALL_NEW = {
  rows: Array.from({ length: READY }, () => 'ready'),
  pods: Array.from({ length: READY }, () => '2'),
};

it.each([1, '25%', '50%', '100%'])('lets a rollout with a surge of %s come to its end', async (maxSurge) => {
  rollOut('2', maxSurge);
  await ticks(40);
  expect({ ...atRest(), created: created.size, counts: [...counts], fewestServing }).toEqual({
    ...ALL_NEW,
    created: 2 * READY,
    counts: [READY],
    fewestServing: READY,
  });
});

it('lets a rollout of busy pods come to its end', async () => {
  rollOut('2', 1);
  for (let i = 0; i < 60; i += 1) {
    world.inFlight = Object.fromEntries(rig.pods().map(({ metadata }) => [metadata.name, 1]));
    await ticks(1);
  }
  expect({ ...atRest(), created: created.size, counts: [...counts], fewestServing }).toEqual({
    ...ALL_NEW,
    created: 2 * READY,
    counts: [READY],
    fewestServing: READY,
  });
});

it('leaves the old ones at work while the new ones do not start', async () => {
  rig.cluster.knobs.readyAfterMs = Number.POSITIVE_INFINITY;
  rollOut('2', 1);
  await ticks(60);
  expect({ counts: [...counts], fewestServing }).toEqual({ counts: [READY], fewestServing: READY });
});

it('goes in and out during a rollout', async () => {
  rollOut('2', 1);
  await ticks(2);
  world.queue = 6;
  await ticks(40);
  expect(atRest().pods).toEqual(Array.from({ length: 6 }, () => '2'));
  rollOut('3', 1);
  await ticks(2);
  world.queue = 2;
  await ticks(40);
  expect(atRest()).toEqual({ rows: ['ready', 'ready'], pods: ['3', '3'] });
});

it('comes to rest after a rollout that is taken back', async () => {
  rollOut('2', 1);
  await ticks(5);
  rollOut('3', 1);
  await ticks(3);
  rollOut('2', 1);
  await ticks(60);
  expect(atRest()).toEqual(ALL_NEW);
  expect(fewestServing).toBe(READY);
});
