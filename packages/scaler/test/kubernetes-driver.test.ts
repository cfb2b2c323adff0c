import { afterEach, describe, expect, it } from 'vitest';
import { ApiStatus } from '../../../rigs/kubernetes/api-status.ts';
import type { ClusterOptions } from '../../../rigs/kubernetes/cluster.ts';
import type { Pod } from '../../../rigs/kubernetes/kube-object.ts';
import { AUTOSCALERS, DEPLOYMENTS, NODES, PODS } from '../../../rigs/kubernetes/resources.ts';
import type { Driver } from '../src/drivers/driver.ts';
import { type KubernetesRig, kubernetesRig, targetOf } from './kubernetes-rig.ts';

let rig: KubernetesRig;
let driver: Driver;
afterEach(() => rig.close());

const live = () => AbortSignal.timeout(10_000);
const list = () => driver.list('cpu', live());
const scale = (desired: number, remove: readonly string[] = []) =>
  driver.scale({ group: 'cpu', desired, launch: [], remove }, live());

/** A cluster whose Deployment djl-cpu has so many pods that are ready. */
async function open(replicas: number, options: Partial<ClusterOptions> = {}): Promise<readonly string[]> {
  rig = await kubernetesRig(options);
  driver = rig.driver();
  await scale(replicas);
  await pass(4);
  rig.writes.length = 0;
  return (await list()).map(({ id }) => id);
}

async function pass(steps: number): Promise<void> {
  for (let step = 0; step < steps; step += 1) await rig.pass();
}

const costOf = (name: string) =>
  rig.pods().find(({ metadata }) => metadata.name === name)?.metadata.annotations?.[
    'controller.kubernetes.io/pod-deletion-cost'
  ];

function autoscale(name = 'djl-cpu-hpa', owner?: string) {
  rig.cluster.store.create(AUTOSCALERS, {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: {
      name,
      namespace: 'default',
      ...(owner && {
        ownerReferences: [
          { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name: owner, uid: '1', controller: true },
        ],
      }),
    },
    spec: {
      minReplicas: 2,
      maxReplicas: 10,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'djl-cpu' },
    },
  });
}

describe('lists', () => {
  it('reads all pages of 600 pods', async () => {
    expect(new Set(await open(600)).size).toBe(600);
  });

  it('reads a list again whose pages grew too old, once', async () => {
    await open(600);
    let expiries = 1;
    const { knobs } = rig.cluster;
    knobs.onRequest = ({ url }) => {
      if (url.searchParams.has('continue') && expiries-- > 0) knobs.pageGeneration += 1;
    };
    expect((await list()).length).toBe(600);
    expiries = 2;
    await expect(list()).rejects.toMatchObject({
      code: 'SCALER_DRIVER_FAILED',
      retryable: true,
      message: expect.stringContaining('410') as string,
    });
  });

  it('shows where pods answer, on which node, and since when', async () => {
    const [id] = await open(1);
    expect(await list()).toEqual([
      {
        id,
        state: 'ready',
        url: 'http://10.244.0.2:8080/predictions/all-MiniLM-L6-v2',
        machine: 'node-b',
        launchedAtMs: Date.UTC(2026, 0, 1),
      },
    ]);
  });

  it('leaves out pods with the same labels that belong to nobody or to others', async () => {
    const [id = ''] = await open(1);
    const pod = rig.pods().find(({ metadata }) => metadata.name === id);
    const others = { ...pod?.metadata, name: 'by-hand', ownerReferences: [] };
    rig.cluster.store.create(PODS, { ...(pod as Pod), metadata: others });
    expect((await list()).map((each) => each.id)).toEqual([id]);
  });

  it('shows a crash loop as failed, and replaces the pod when it is removed', async () => {
    const [broken = '', well = ''] = await open(2);
    const waiting = { reason: 'CrashLoopBackOff', message: 'back-off 40s restarting failed container' };
    rig.freeze(broken, {
      conditions: [{ type: 'Ready', status: 'False' }],
      containerStatuses: [{ name: 'djl', restartCount: 4, state: { waiting } }],
    });
    expect(await list()).toContainEqual(
      expect.objectContaining({
        id: broken,
        state: 'failed',
        note: 'container djl: CrashLoopBackOff after 4 restarts: back-off 40s restarting failed container',
      }),
    );
    await scale(2, [broken]);
    await pass(4);
    const after = (await list()).map(({ id }) => id);
    expect(after.length).toBe(2);
    expect(after).toContain(well);
    expect(after).not.toContain(broken);
  });

  it('says why a pod finds no node', async () => {
    await open(1);
    rig.cluster.knobs.roomForPods = 1;
    await scale(2);
    await pass(4);
    const note = 'Unschedulable: 0/3 nodes are available: 3 Insufficient cpu.';
    expect(await list()).toContainEqual(expect.objectContaining({ state: 'starting', note }));
  });

  it('shows pods of nodes that are being emptied as leaving, where it may look', async () => {
    const [id] = await open(1);
    const { store } = rig.cluster;
    store.replace(NODES, { ...store.get(NODES, undefined, 'node-b'), spec: { unschedulable: true } });
    const looking = rig.driver({ watchNodes: true });
    const leaving = { because: 'its node is cordoned (node-b)' };
    expect(await looking.list('cpu', live())).toMatchObject([{ id, state: 'ready', leaving }]);
    expect((await list())[0]?.leaving).toBeUndefined();
  });

  it('says that there is no such Deployment', async () => {
    await open(0);
    const lost = rig.driver({ targets: new Map([['cpu', targetOf('djl-gpus')]]) });
    await expect(lost.list('cpu', live())).rejects.toMatchObject({
      code: 'SCALER_DRIVER_FAILED',
      retryable: false,
      message: expect.stringContaining('there is no Deployment djl-gpus in namespace default') as string,
    });
  });
});

describe('scales', () => {
  it('ends the pods of the order and no others, though newer ones would go first', async () => {
    const launched = await open(5);
    const oldest = launched.slice(0, 2);
    await scale(3, oldest);
    // The costs before the count: else the ReplicaSet wouldn't know them yet.
    expect([...rig.writes.slice(0, 2).toSorted(), ...rig.writes.slice(2)]).toEqual([
      ...oldest.map((id) => `PATCH /api/v1/namespaces/default/pods/${id}`).toSorted(),
      'PATCH /apis/apps/v1/namespaces/default/deployments/djl-cpu/scale',
    ]);
    await pass(2);
    expect((await list()).map(({ id }) => id)).toEqual(launched.slice(2));
  });

  it('takes the cost back from a pod that stays after all, and leaves costs of others alone', async () => {
    const [one = '', two = '', three = ''] = await open(3);
    rig.cluster.knobs.terminationMs = 60_000;
    await scale(2, [one]);
    expect(costOf(one)).toBe('-2147480000');
    const pod = rig.pods().find(({ metadata }) => metadata.name === three);
    const { resourceVersion: _, ...metadata } = pod?.metadata ?? { name: '' };
    const annotations = { 'controller.kubernetes.io/pod-deletion-cost': '100' };
    rig.cluster.store.replace(PODS, { ...(pod as Pod), metadata: { ...metadata, annotations } });
    await scale(3);
    expect([one, two, three].map(costOf)).toEqual([undefined, undefined, '100']);
    await pass(2);
    expect((await list()).map(({ id }) => id).toSorted()).toEqual([one, two, three].toSorted());
  });

  it('deletes a pod of the order that is left because one that was not ready went before it', async () => {
    const [ready = ''] = await open(1);
    rig.cluster.knobs.readyAfterMs = 60_000;
    await scale(2);
    await pass(2);
    await scale(1, [ready]);
    await pass(2);
    expect((await list()).map(({ id }) => id)).toEqual([ready]);
    await scale(1, [ready]);
    await pass(2);
    const after = await list();
    expect(after.length).toBe(1);
    expect(after.map(({ id }) => id)).not.toContain(ready);
  });

  it('deletes nothing while the count is not reached yet', async () => {
    const [one = ''] = await open(3);
    await scale(2, [one]);
    await scale(2, [one]);
    expect(rig.writes.filter((write) => write.startsWith('DELETE'))).toEqual([]);
    await pass(2);
    expect((await list()).length).toBe(2);
  });

  it('looks again when somebody changed the Deployment meanwhile, and gives up after five times', async () => {
    await open(2);
    let changes = 2;
    rig.cluster.knobs.onRequest = ({ method, url }) => {
      if (method !== 'PATCH' || !url.pathname.endsWith('/scale') || changes-- <= 0) return;
      const { store } = rig.cluster;
      const { resourceVersion: _, ...metadata } = store.get(DEPLOYMENTS, 'default', 'djl-cpu').metadata;
      const labels = { changed: String(changes) };
      store.replace(DEPLOYMENTS, {
        ...store.get(DEPLOYMENTS, 'default', 'djl-cpu'),
        metadata: { ...metadata, labels },
      });
    };
    await scale(3);
    await pass(3);
    expect((await list()).length).toBe(3);
    changes = 5;
    await expect(scale(4)).rejects.toMatchObject({ code: 'SCALER_DRIVER_FAILED', retryable: true });
  });

  it('ends no other pod that has got the name of the ordered one meanwhile', async () => {
    rig = await kubernetesRig({}, 'StatefulSet');
    driver = rig.driver();
    await scale(1);
    await pass(4);
    const [old] = await list();
    const { store, knobs } = rig.cluster;
    knobs.onRequest = ({ method }) => {
      if (method !== 'DELETE') return;
      const pod = store.delete(PODS, 'default', 'djl-cpu-0');
      store.create(PODS, pod);
    };
    await scale(1, [old?.id ?? '']);
    const [next] = await list();
    expect(next?.id).toMatch(/^djl-cpu-0-/);
    expect(next?.id).not.toBe(old?.id);
  });

  it.each(['PATCH', 'DELETE'])('takes a pod for removed that is gone before its %s', async (verb) => {
    const [one = '', two = ''] = await open(2);
    const { store, knobs } = rig.cluster;
    knobs.onRequest = ({ method, url }) => {
      if (method === verb && url.pathname.endsWith(one)) store.delete(PODS, 'default', one);
    };
    await scale(2, [one]);
    await pass(4);
    const after = (await list()).map(({ id }) => id);
    expect(after.length).toBe(2);
    expect(after).toContain(two);
    expect(after).not.toContain(one);
  });

  it('touches nothing where pods can not be told, since nothing selects them', async () => {
    await open(2);
    const { store } = rig.cluster;
    const { resourceVersion: _, ...metadata } = store.get(DEPLOYMENTS, 'default', 'djl-cpu').metadata;
    const { spec } = store.get(DEPLOYMENTS, 'default', 'djl-cpu');
    store.replace(DEPLOYMENTS, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { ...(spec as object), selector: {} },
    });
    const told = { code: 'SCALER_DRIVER_FAILED', message: expect.stringContaining('no selector') as string };
    await expect(list()).rejects.toMatchObject(told);
    await expect(scale(1)).rejects.toMatchObject(told);
    expect(rig.writes).toEqual([]);
  });

  it('says that a quota is used up', async () => {
    await open(2);
    rig.cluster.knobs.quotaPods = 2;
    await scale(3);
    await pass(1);
    await expect(scale(3)).rejects.toMatchObject({
      code: 'SCALER_DRIVER_CAPACITY',
      retryable: true,
      message: expect.stringContaining('exceeded quota') as string,
    });
  });

  it.each([
    [429, 'TooManyRequests', { 'retry-after': '7' }, 'SCALER_DRIVER_THROTTLED', true, /wait for 7 s/],
    [403, 'Forbidden', {}, 'SCALER_DRIVER_FAILED', false, /docs\/drivers\/kubernetes\.md/],
    [500, 'InternalError', {}, 'SCALER_DRIVER_FAILED', true, /500/],
  ])('says what %i means', async (status, reason, headers, code, retryable, message) => {
    await open(1);
    rig.cluster.knobs.onRequest = ({ method }) => {
      if (method === 'PATCH') throw new ApiStatus(status, reason, 'no', headers);
    };
    const said = expect.stringMatching(message) as string;
    await expect(scale(2)).rejects.toMatchObject({ code, retryable, message: said });
  });
});

describe('beside an autoscaler of the cluster', () => {
  it('refuses to scale, naming it, and goes on when it is gone', async () => {
    await open(2);
    autoscale();
    await pass(121);
    await expect(scale(3)).rejects.toMatchObject({
      code: 'SCALER_DRIVER_CONFLICT',
      message: expect.stringMatching(
        /^HorizontalPodAutoscaler djl-cpu-hpa scales Deployment djl-cpu in namespace default too \(2 to 10 replicas\)/,
      ) as string,
    });
    expect(rig.writes).toEqual([]);
    expect((await list()).length).toBe(2);
    rig.cluster.store.delete(AUTOSCALERS, 'default', 'djl-cpu-hpa');
    await pass(121);
    await scale(3);
  });

  it('scales all the same when told to, and warns once', async () => {
    await open(2);
    autoscale('keda-hpa-djl-cpu', 'djl');
    driver = rig.driver({ onForeignScaler: 'warn' });
    await scale(3);
    await pass(121);
    await scale(4);
    expect(rig.events).toEqual([
      {
        kind: 'warned',
        group: 'cpu',
        message: expect.stringMatching(
          /^ScaledObject djl of KEDA through HorizontalPodAutoscaler keda-hpa-djl-cpu/,
        ) as string,
      },
    ]);
  });

  it('looks at most once a minute', async () => {
    await open(2);
    let looks = 0;
    rig.cluster.knobs.onRequest = ({ url }) => {
      if (url.pathname.endsWith('/horizontalpodautoscalers')) looks += 1;
    };
    driver = rig.driver();
    for (let count = 3; count < 8; count += 1) await scale(count);
    const first = looks;
    await pass(121);
    await scale(2);
    expect([first, looks]).toEqual([2, 4]);
  });

  it('warns, once, where it may not look', async () => {
    await open(2);
    rig.cluster.knobs.onRequest = ({ url }) => {
      if (url.pathname.endsWith('/horizontalpodautoscalers')) throw new ApiStatus(403, 'Forbidden', 'no');
    };
    driver = rig.driver();
    await scale(3);
    await pass(121);
    await scale(4);
    expect(rig.events.map(({ message }) => message)).toEqual([
      expect.stringContaining('may not list horizontalpodautoscalers'),
    ]);
  });
});

describe('measures', () => {
  it('what ready pods use of what they request', async () => {
    await open(2, { usageOf: () => ({ cpu: '1400m', memory: '1Gi' }) });
    const atMs = Date.UTC(2026, 0, 1) + 2_000;
    expect(await driver.measure?.('cpu', live())).toEqual({
      cpu_percent: { kind: 'value', value: 70, atMs, freshForSeconds: 120 },
      memory_percent: { kind: 'value', value: 50, atMs, freshForSeconds: 120 },
    });
    expect(await rig.driver({ usageOf: 'limits' }).measure?.('cpu', live())).toMatchObject({
      cpu_percent: { value: 35 },
    });
  });

  it('nothing, and says why, without metrics-server or while it does not know a pod', async () => {
    await open(2);
    const noServer = await driver.measure?.('cpu', live());
    expect(noServer?.cpu_percent).toMatchObject({
      kind: 'missing',
      reason: 'the cluster has no metrics API: install metrics-server',
    });
    await rig.close();
    const [, second] = await open(2, {
      usageOf: ({ metadata }) => (metadata.name === second ? undefined : { cpu: '1', memory: '1Gi' }),
    });
    expect((await driver.measure?.('cpu', live()))?.memory_percent).toMatchObject({
      kind: 'missing',
      reason: `metrics-server says nothing of pod ${second} yet`,
    });
  });
});
