import { type Cluster, type ClusterOptions, openCluster } from '../../../rigs/kubernetes/cluster.ts';
import type { KubeObject, Pod } from '../../../rigs/kubernetes/kube-object.ts';
import { DEPLOYMENTS, PODS, STATEFUL_SETS } from '../../../rigs/kubernetes/resources.ts';
import type { Driver, DriverEvent } from '../src/drivers/driver.ts';
import type { DriverRig } from '../src/drivers/driver-contract.test-support.ts';
import type { Access } from '../src/drivers/kubernetes/access.ts';
import type { KubernetesTarget } from '../src/drivers/kubernetes/target.ts';
import { KubernetesDriver, type KubernetesDriverOptions } from '../src/drivers/kubernetes-driver.ts';

/** A cluster on the stand-in with a clock of its own, and drivers over it. */
export interface KubernetesRig extends DriverRig {
  readonly cluster: Cluster;
  readonly events: readonly DriverEvent[];
  /** Requests that change something, such as `PATCH /api/v1/…`. */
  readonly writes: string[];
  driver(options?: Partial<KubernetesDriverOptions>): Driver;
  pods(): readonly Pod[];
  /** Writes into a pod what its node would; nothing else changes its state from then on. */
  freeze(name: string, status: Partial<Pod['status']>): void;
}

/** Half a second of the cluster. */
const STEP_MS = 500;

export async function kubernetesRig(
  options: Partial<ClusterOptions> = {},
  kind: 'Deployment' | 'StatefulSet' = 'Deployment',
): Promise<KubernetesRig> {
  let nowMs = Date.UTC(2026, 0, 1);
  const cluster = await openCluster({ nowMs: () => nowMs, ...options });
  const groups = ['cpu', 'gpu'] as const;
  for (const name of groups) {
    cluster.store.create(kind === 'Deployment' ? DEPLOYMENTS : STATEFUL_SETS, workload(`djl-${name}`, kind));
  }
  const access: Access = { server: cluster.url, namespace: 'default' };
  const events: DriverEvent[] = [];
  const writes: string[] = [];
  cluster.knobs.onRequest = ({ method, url }) => {
    if (method !== 'GET') writes.push(`${method} ${url.pathname}`);
  };
  const drivers: Driver[] = [];
  let isOpen = true;
  const closeCluster = async () => {
    if (isOpen) await cluster.close();
    isOpen = false;
  };
  const pods = () => cluster.store.list(PODS) as readonly Pod[]; // all under PODS are
  return {
    groups,
    cluster,
    events,
    writes,
    pods,
    driver(more = {}) {
      const driver = new KubernetesDriver({
        targets: new Map(groups.map((name) => [name, targetOf(`djl-${name}`, kind)])),
        readAccess: () => access,
        clock: { nowMs: () => nowMs, sleep: () => Promise.resolve() },
        onForeignScaler: 'refuse',
        usageOf: 'requests',
        watchNodes: false,
        onEvent: (event) => events.push(event),
        ...more,
      });
      drivers.push(driver);
      return driver;
    },
    freeze(name, status) {
      const pod = pods().find(({ metadata }) => metadata.name === name);
      if (pod === undefined) throw new Error(`there is no pod ${name}`);
      const { resourceVersion: _, ...metadata } = pod.metadata;
      const annotations = { ...metadata.annotations, 'stand-in.forebay.dev/frozen': 'true' };
      cluster.store.replace(PODS, {
        ...pod,
        metadata: { ...metadata, annotations },
        status: { ...pod.status, ...status },
      });
    },
    async pass() {
      nowMs += STEP_MS;
      cluster.step();
    },
    cutOff: closeCluster,
    async close() {
      await Promise.all(drivers.map((driver) => driver.close()));
      await closeCluster();
    },
  };
}

/** The target of a group on the stand-in. */
export function targetOf(name: string, kind = 'Deployment'): KubernetesTarget {
  return {
    apiVersion: 'apps/v1',
    kind,
    resource: `${kind.toLowerCase()}s`,
    name,
    namespace: undefined,
    port: 8080,
    path: '/predictions/all-MiniLM-L6-v2',
  };
}

function workload(name: string, kind: string): KubeObject {
  const resources = { requests: { cpu: '2', memory: '2Gi' }, limits: { cpu: '4', memory: '4Gi' } };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: 'default' },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'djl', image: 'djl', resources }] },
      },
    },
  };
}
