import type { ApiRequest } from './api-exchange.ts';
import { type ApiAccess, startApiServer } from './api-server.ts';
import { collectGarbage } from './collect-garbage.ts';
import { reconcileDeployments } from './deployment-controller.ts';
import type { Pod } from './kube-object.ts';
import { Kubelet } from './kubelet.ts';
import { ObjectStore } from './object-store.ts';
import { reconcilePods } from './pod-controller.ts';
import type { Usage } from './pod-metrics.ts';
import { NAMESPACES, NODES } from './resources.ts';

export interface ClusterOptions {
  readonly nowMs: () => number;
  /** @default 0: any free port */
  readonly port?: number;
  readonly access?: ApiAccess;
  /** What ready pods use; without it there is no metrics API, as where metrics-server is not installed. */
  readonly usageOf?: (pod: Pod) => Usage | undefined;
  /** Numbers from 0 to below 1, for names. @default Math.random */
  readonly random?: () => number;
  /** Where the pod with that number answers. @default an address of 10.244.0.0/16 */
  readonly addressOf?: (number: number) => string;
}

/** What a test may change while it runs. */
export interface ClusterKnobs {
  /** @default 1000 */
  readyAfterMs: number;
  /** @default 0 */
  terminationMs: number;
  /** How many pods the nodes have room for. @default no bound */
  roomForPods: number;
  /** How many pods may be, as a ResourceQuota has it. */
  quotaPods: number | undefined;
  /** Sees each request before it is carried out; what it throws as `ApiStatus` is the answer. */
  onRequest: (request: ApiRequest) => void;
  /** Raised, all `continue` tokens of before have expired. */
  pageGeneration: number;
}

/** A Kubernetes cluster that runs nothing: see {@link openCluster}. */
export interface Cluster {
  readonly url: string;
  readonly store: ObjectStore;
  readonly knobs: ClusterKnobs;
  /** Lets controllers and nodes do what is due now; nothing happens between two steps but what the API is asked for. */
  step(): void;
  close(): Promise<void>;
}

/**
 * A stand-in for a Kubernetes cluster, for tests and for the real kubectl: an API server over HTTP or TLS with discovery, versions and conflicts,
 * patches, selectors, paged lists, watches and `/scale`, and what keeps Deployments, ReplicaSets and StatefulSets in pods. It is no Kubernetes: it
 * checks no object beyond its name, knows no fields by default, no roles (whoever may call may do everything), no server-side apply; nobody acts on HPAs, quotas (but `knobs.quotaPods`), Services or budgets; a rollout heeds no `maxUnavailable`; watches say nothing of objects that
 * leave a selection by their labels; and nothing runs in the pods, whose addresses nobody has unless `addressOf` gives such.
 */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const { nowMs, port = 0, access = {}, usageOf, random = Math.random, addressOf = podNetwork } = options;
  const store = new ObjectStore(nowMs);
  const knobs: ClusterKnobs = {
    readyAfterMs: 1_000,
    terminationMs: 0,
    roomForPods: Number.POSITIVE_INFINITY,
    quotaPods: undefined,
    onRequest: () => undefined,
    pageGeneration: 1,
  };
  for (const name of ['default', 'kube-system']) {
    store.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  const nodes = ['node-a', 'node-b', 'node-c'];
  for (const name of nodes)
    store.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: {} });
  const kubelet = new Kubelet({
    store,
    nowMs,
    nodes,
    addressOf,
    readyAfterMs: () => knobs.readyAfterMs,
    terminationMs: () => knobs.terminationMs,
    roomForPods: () => knobs.roomForPods,
  });
  const server = await startApiServer({
    store,
    nowMs,
    port,
    access,
    usageOf,
    onRequest: (request) => knobs.onRequest(request),
    pageGeneration: () => knobs.pageGeneration,
  });
  return {
    url: server.url,
    store,
    knobs,
    step() {
      kubelet.step();
      collectGarbage(store);
      reconcileDeployments(store);
      reconcilePods({ store, nowMs, random, quotaPods: () => knobs.quotaPods });
    },
    close: () => server.close(),
  };
}

function podNetwork(number: number): string {
  return `10.244.${Math.floor(number / 250) % 250}.${(number % 250) + 1}`;
}
