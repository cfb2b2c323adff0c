import type { Leaving, ObservedReplica } from '../../values/replica.ts';
import type { EngineNode, EngineTask } from './engine-values.ts';
import { replicaUrl, type UrlRule } from './replica-url.ts';

/** What a task is seen against. */
export interface TaskContext {
  readonly service: string;
  /** The task's node, if it is known. */
  readonly node: EngineNode | undefined;
  readonly url: UrlRule;
  /** Whether the Engine of its node is known, which alone could end it. */
  readonly isInReach: boolean;
  /** Why the task before it in its slot ended, if it failed. */
  readonly earlierFailure?: string | undefined;
}

/** The states in which a task has ended and starts no more. */
const ENDED: ReadonlySet<string> = new Set([
  'complete',
  'shutdown',
  'failed',
  'rejected',
  'remove',
  'orphaned',
]);

/**
 * A task as a replica. Swarm lets a task run only once its container's health check passes, and ends one that fails it later, so `running` is
 * `ready`; without a health check it says no more than that the process runs.
 */
export function toReplica(task: EngineTask, context: TaskContext): ObservedReplica {
  const { service, node } = context;
  const url = replicaUrl(context.url, service, task, node);
  const launchedAtMs = Date.parse(task.CreatedAt);
  const note = noteOf(task, context, url);
  const leaving = leavingOf(node);
  return {
    id: replicaId(service, task),
    ...(url !== undefined && { url }),
    state: stateOf(task, node),
    ...(task.NodeID !== '' && { machine: task.NodeID }),
    ...(leaving !== undefined && { leaving }),
    ...(!context.isInReach && { outOfReach: true }),
    ...(Number.isFinite(launchedAtMs) && { launchedAtMs }),
    ...(note !== undefined && { note }),
  };
}

/** As Docker names the container of a task: a slot comes back, a task's id never. */
export function replicaId(service: string, { Slot, ID }: Pick<EngineTask, 'Slot' | 'ID'>): string {
  return `${service}.${Slot}.${ID}`;
}

/** Whether a task has found no node yet: nothing of it exists anywhere. */
export function isPlaced({ NodeID }: EngineTask): boolean {
  return NodeID !== '';
}

/** Whether a task starts no more; another takes its place. */
export function hasEnded({ Status }: EngineTask): boolean {
  return ENDED.has(Status.State);
}

function stateOf(task: EngineTask, node: EngineNode | undefined): ObservedReplica['state'] {
  const { Status } = task;
  if (hasEnded(task)) return 'failed';
  if (Status.State !== 'running') return 'starting';
  return isGone(node) ? 'unhealthy' : 'ready';
}

function noteOf(
  task: EngineTask,
  { node, earlierFailure }: TaskContext,
  url: string | undefined,
): string | undefined {
  const { Status } = task;
  if (hasEnded(task)) return `${Status.State}: ${Status.Err ?? Status.Message ?? 'no reason given'}`;
  if (isGone(node)) return `its node ${nameOf(node)} is ${node?.Status.State}`;
  if (Status.State !== 'running') {
    return earlierFailure === undefined ? undefined : `the one before it failed: ${earlierFailure}`;
  }
  return url === undefined ? NO_URL : undefined;
}

const NO_URL =
  'it has neither a port published in host mode nor an address on an overlay network: set drivers.swarm.url, or drivers.swarm.port to the published one';

function isGone(node: EngineNode | undefined): boolean {
  return node?.Status.State === 'down' || node?.Status.State === 'disconnected';
}

function leavingOf(node: EngineNode | undefined): Leaving | undefined {
  if (node?.Spec.Availability !== 'drain') return undefined;
  return { because: `node ${nameOf(node)} is drained` };
}

function nameOf(node: EngineNode | undefined): string {
  return node?.Description?.Hostname || node?.ID || '';
}
