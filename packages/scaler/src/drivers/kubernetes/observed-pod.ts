import type { Leaving, ObservedReplica } from '../../values/replica.ts';
import type { Condition, ContainerStatus, Pod } from './api-objects.ts';
import { replicaId } from './replica-id.ts';

type PodState = Pick<ObservedReplica, 'state' | 'note'>;
/** So many restarts make a crash loop: kubelet has waited 10, 20 and 40 s by then. */
const CRASHES = 3;

/** An image that can't be had for so long is not about to come; kubelet tries every 5 minutes by then. */
const STUCK_AFTER_MS = 300_000;

/** Reasons for a container to wait that pass only when somebody mends something, or when a registry is back. */
const STUCK: ReadonlySet<string> = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'ErrImageNeverPull',
  'ErrImagePull',
  'ImageInspectError',
  'ImagePullBackOff',
  'InvalidImageName',
  'RunContainerError',
]);

/** A pod as the scaler sees it; undefined for one that is already ending. `leaving` of its node, where that is known. */
export function observedPod(
  pod: Pod,
  where: { readonly port: number; readonly path: string },
  nowMs: number,
  nodeLeaving?: Leaving,
): ObservedReplica | undefined {
  const { metadata, spec, status } = pod;
  if (metadata.deletionTimestamp !== undefined) return undefined;
  const leaving = disruption(pod) ?? nodeLeaving;
  const launchedAtMs = timeMs(metadata.creationTimestamp);
  return {
    id: replicaId(pod),
    ...stateOf(pod, nowMs),
    ...(status.podIP && { url: urlOf(status.podIP, where) }),
    ...(spec.nodeName && { machine: spec.nodeName }),
    ...(launchedAtMs !== undefined && { launchedAtMs }),
    ...(leaving !== undefined && { leaving }),
  };
}

/** Whether its controller still counts it: then it doesn't replace it. */
export function isCounted({ metadata, status }: Pod): boolean {
  return (
    metadata.deletionTimestamp === undefined && status.phase !== 'Failed' && status.phase !== 'Succeeded'
  );
}

function stateOf(pod: Pod, nowMs: number): PodState {
  const { phase, reason, message } = pod.status;
  if (phase === 'Failed' || phase === 'Succeeded') {
    const why = [reason, message].filter(Boolean).join(': ');
    return { state: 'failed', note: `it has ended (${phase})${why && `: ${why}`}` };
  }
  if (conditionOf(pod, 'Ready')?.status === 'True' && pod.status.podIP) return { state: 'ready' };
  return waiting(pod, nowMs) ?? unscheduled(pod) ?? (wasReady(pod) ? notReady(pod) : { state: 'starting' });
}

/** A container that can't start. */
function waiting(pod: Pod, nowMs: number): PodState | undefined {
  const { initContainerStatuses, containerStatuses } = pod.status;
  const age = nowMs - (timeMs(pod.metadata.creationTimestamp) ?? nowMs);
  for (const status of [...initContainerStatuses, ...containerStatuses]) {
    const reason = status.state?.waiting?.reason;
    if (reason === undefined) continue;
    const note = describeWaiting(status);
    if (reason === 'CrashLoopBackOff')
      return { state: status.restartCount >= CRASHES ? 'failed' : 'starting', note };
    if (STUCK.has(reason)) return { state: age >= STUCK_AFTER_MS ? 'failed' : 'starting', note };
  }
  return undefined;
}

function describeWaiting({ name, restartCount, state }: ContainerStatus): string {
  const { reason, message } = state?.waiting ?? {};
  const restarts = restartCount > 0 ? ` after ${restartCount} restarts` : '';
  return `container ${name}: ${reason}${restarts}${message ? `: ${message}` : ''}`;
}

function unscheduled(pod: Pod): PodState | undefined {
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.status !== 'False') return undefined;
  const { reason = 'not scheduled', message } = scheduled;
  return { state: 'starting', note: `${reason}${message ? `: ${message}` : ''}` };
}

/**
 * Not ready, but later than its containers started: it was ready in between. A container that started since then is not ready yet, since each
 * restart of one makes the pod unready first.
 */
function wasReady(pod: Pod): boolean {
  const unreadySinceMs = timeMs(conditionOf(pod, 'Ready')?.lastTransitionTime);
  const { containerStatuses } = pod.status;
  const started = containerStatuses.map(({ state }) => timeMs(state?.running?.startedAt));
  if (unreadySinceMs === undefined || started.length === 0) return false;
  return started.every((atMs) => atMs !== undefined && atMs < unreadySinceMs);
}

function notReady(pod: Pod): PodState {
  const { reason, message } = conditionOf(pod, 'Ready') ?? {};
  const why = [reason, message].filter(Boolean).join(': ');
  return { state: 'unhealthy', note: `it is not ready any more${why && `: ${why}`}` };
}

/** Set a moment before a pod is deleted by an eviction, a preemption or a taint. */
function disruption(pod: Pod): Leaving | undefined {
  const found = conditionOf(pod, 'DisruptionTarget');
  if (found?.status !== 'True') return undefined;
  return { because: found.message ?? found.reason ?? 'it is about to be disrupted' };
}

function conditionOf(pod: Pod, type: string): Condition | undefined {
  return pod.status.conditions.find((condition) => condition.type === type);
}

function urlOf(ip: string, { port, path }: { readonly port: number; readonly path: string }): string {
  return `http://${ip.includes(':') ? `[${ip}]` : ip}:${port}${path}`;
}

function timeMs(text: string | undefined): number | undefined {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}
