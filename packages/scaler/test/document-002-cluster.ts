import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { type Cluster, openCluster } from '../../../rigs/kubernetes/cluster.ts';
import { conditionOf, type KubeObject, type Pod } from '../../../rigs/kubernetes/kube-object.ts';
import { AUTOSCALERS, DEPLOYMENTS, PODS } from '../../../rigs/kubernetes/resources.ts';

/** CPUs that a pod of document 002 may use. */
const CPU_LIMIT = 4;

/** The Deployment of document 002 with two pods that are ready, on the stand-in, under a load that is shared evenly. */
export interface DjlCluster extends AsyncDisposable {
  readonly cluster: Cluster;
  /** CPUs that all pods together would use. */
  load: number;
  setTime(nowMs: number): void;
  /** The count that the Deployment has. */
  replicas(): number;
  ready(): readonly Pod[];
  /** Applies the document's HorizontalPodAutoscaler. */
  addAutoscaler(): void;
}

/** @param startupSeconds from a pod's node to its readiness */
export async function openDjlCluster(startMs: number, startupSeconds: number): Promise<DjlCluster> {
  let nowMs = startMs - 2_000 * startupSeconds;
  const ready = () => {
    const pods = cluster.store.list(PODS) as readonly Pod[]; // all under PODS are
    return pods.filter(
      (pod) => pod.metadata.deletionTimestamp === undefined && conditionOf(pod, 'Ready')?.status === 'True',
    );
  };
  const cluster: Cluster = await openCluster({
    nowMs: () => nowMs,
    usageOf: () => ({
      cpu: `${Math.round(1_000 * Math.min(CPU_LIMIT, djl.load / ready().length))}m`,
      memory: '1Gi',
    }),
  });
  cluster.knobs.readyAfterMs = startupSeconds * 1_000;
  const deployment = manifest('base/djl-cpu.yaml');
  const metadata = { ...deployment.metadata, namespace: 'default' };
  const spec = { ...(deployment.spec as object), replicas: 2 }; // a Deployment has one
  cluster.store.create(DEPLOYMENTS, { ...deployment, metadata, spec });
  const djl: DjlCluster = {
    cluster,
    load: 0,
    setTime: (ms) => {
      nowMs = ms;
    },
    replicas: () => {
      const { spec: now } = cluster.store.get(DEPLOYMENTS, 'default', metadata.name);
      return (now as { readonly replicas: number }).replicas; // it is scaled
    },
    ready,
    addAutoscaler: () => {
      const autoscaler = manifest('hpa/hpa.yaml');
      const own = { ...autoscaler.metadata, namespace: 'default' };
      cluster.store.create(AUTOSCALERS, { ...autoscaler, metadata: own });
    },
    [Symbol.asyncDispose]: () => cluster.close(),
  };
  while (nowMs < startMs) {
    nowMs += 1_000;
    cluster.step();
  }
  return djl;
}

/** The first object of a file of deploy/kubernetes. */
function manifest(path: string): KubeObject {
  const file = fileURLToPath(new URL(`../../../deploy/kubernetes/${path}`, import.meta.url));
  return parseAllDocuments(readFileSync(file, 'utf8'))[0]?.toJS() as KubeObject; // as it was written
}
