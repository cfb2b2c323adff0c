import { type Condition, conditionOf, type Pod, timeOf } from './kube-object.ts';
import type { ObjectStore } from './object-store.ts';
import { PODS } from './resources.ts';

export interface KubeletParts {
  readonly store: ObjectStore;
  readonly nowMs: () => number;
  /** From a pod's start on a node to its readiness. */
  readonly readyAfterMs: () => number;
  /** From the order to end a pod to its end. */
  readonly terminationMs: () => number;
  /** How many pods the nodes have room for. */
  readonly roomForPods: () => number;
  readonly nodes: readonly string[];
  /** Where the pod with that number answers. */
  readonly addressOf: (number: number) => string;
}

/** A pod with this annotation is left as somebody wrote it: so tests make crash loops and lost nodes. */
export const FROZEN = 'stand-in.forebay.dev/frozen';

/** Runs pods: gives them nodes and addresses, makes them ready in time, and takes away those that are to end. There are no containers. */
export class Kubelet {
  readonly #parts: KubeletParts;
  /** When pods got their node, by uid: the API's times have whole seconds only. */
  readonly #startedAtMs = new Map<string, number>();
  readonly #endingSinceMs = new Map<string, number>();
  #pods = 0;

  constructor(parts: KubeletParts) {
    this.#parts = parts;
  }

  step(): void {
    const { store, nowMs, terminationMs } = this.#parts;
    for (const object of store.list(PODS)) {
      const pod = object as Pod; // all under PODS are
      const uid = pod.metadata.uid ?? '';
      if (pod.metadata.deletionTimestamp !== undefined) {
        const sinceMs = this.#endingSinceMs.get(uid) ?? nowMs();
        this.#endingSinceMs.set(uid, sinceMs);
        if (nowMs() - sinceMs >= terminationMs())
          store.delete(PODS, pod.metadata.namespace, pod.metadata.name);
      } else if (pod.metadata.annotations?.[FROZEN] === undefined) this.#run(pod, uid);
    }
  }

  #run(pod: Pod, uid: string): void {
    const { nowMs, readyAfterMs } = this.#parts;
    if (pod.spec.nodeName === undefined) {
      this.#schedule(pod, uid);
      return;
    }
    const isReady = conditionOf(pod, 'Ready')?.status === 'True';
    if (!isReady && nowMs() - (this.#startedAtMs.get(uid) ?? 0) >= readyAfterMs()) {
      this.#write(pod, { ...pod.status, conditions: [SCHEDULED, this.#readiness('True')] });
    }
  }

  #schedule(pod: Pod, uid: string): void {
    const { store, nodes, roomForPods, nowMs, addressOf } = this.#parts;
    const placed = store.list(PODS).filter((other) => (other as Pod).spec.nodeName !== undefined).length;
    if (placed >= roomForPods()) {
      const message = `0/${nodes.length} nodes are available: ${nodes.length} Insufficient cpu.`;
      const unschedulable: Condition = {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message,
      };
      this.#write(pod, { ...pod.status, conditions: [unschedulable] });
      return;
    }
    this.#pods += 1;
    this.#startedAtMs.set(uid, nowMs());
    const podIP = addressOf(this.#pods);
    const containers = pod.spec.containers as readonly { readonly name: string; readonly image: string }[]; // pods have some
    const status = {
      phase: 'Running',
      podIP,
      podIPs: [{ ip: podIP }],
      startTime: timeOf(nowMs()),
      conditions: [SCHEDULED, this.#readiness('False')],
      containerStatuses: containers.map(({ name, image }) => ({
        name,
        image,
        restartCount: 0,
        started: true,
        state: { running: { startedAt: timeOf(nowMs()) } },
      })),
    };
    const nodeName = nodes[this.#pods % nodes.length] ?? '';
    this.#write({ ...pod, spec: { ...pod.spec, nodeName } }, status);
  }

  #readiness(status: 'True' | 'False'): Condition {
    const lastTransitionTime = timeOf(this.#parts.nowMs());
    return {
      type: 'Ready',
      status,
      lastTransitionTime,
      ...(status === 'False' && { reason: 'ContainersNotReady' }),
    };
  }

  #write(pod: Pod, status: Pod['status']): void {
    const { resourceVersion: _, ...metadata } = pod.metadata;
    this.#parts.store.replace(PODS, { ...pod, metadata, status });
  }
}

const SCHEDULED: Condition = { type: 'PodScheduled', status: 'True' };
