import type { EcsContainerInstance, EcsTask, EcsTaskDefinition } from '../../aws/ecs-wire.ts';
import type { ObservedReplica } from '../../values/replica.ts';

type TaskState = Pick<ObservedReplica, 'leaving' | 'note'> & {
  readonly state: 'starting' | 'ready' | 'unhealthy';
};

const STARTING: ReadonlySet<string> = new Set(['PROVISIONING', 'PENDING', 'ACTIVATING']);

/** What AWS does to tasks, in an operator's words; other stops are somebody's order or the task's own end. */
const STOPS: Readonly<Record<string, string>> = {
  SpotInterruption: 'spot interruption',
  TerminationNotice: 'AWS retires what it runs on',
};

/** What bears on a task besides itself. */
export interface TaskContext {
  readonly definition: EcsTaskDefinition | undefined;
  /** Where it runs on one. */
  readonly instance: EcsContainerInstance | undefined;
  /** Why the service can't place tasks, where it says so: the note of those that start. */
  readonly problem: string | undefined;
  /** Ids of deployments that a newer one replaces. */
  readonly outdated: readonly string[];
}

/**
 * How a task stands; undefined for one that is on its way out. One that was told to stop and still runs is leaving: it gets SIGTERM at once,
 * SIGKILL after its stop timeout.
 */
export function taskState(task: EcsTask, context: TaskContext): TaskState | undefined {
  const stops = task.desiredStatus !== 'RUNNING';
  if (STARTING.has(task.lastStatus)) {
    if (stops) return undefined;
    return { state: 'starting', note: context.problem ?? `the task is ${task.lastStatus}` };
  }
  if (task.lastStatus !== 'RUNNING') return undefined;
  const state = runningState(task, context.definition);
  const leaving = stops ? stopped(task, context.definition) : replaced(task, context);
  return {
    ...state,
    ...(leaving !== undefined && state.state !== 'starting' && { leaving }),
  };
}

function runningState({ health }: EcsTask, definition: EcsTaskDefinition | undefined): TaskState {
  if (health === 'UNHEALTHY') return { state: 'unhealthy', note: 'its health check fails' };
  if (health !== 'HEALTHY' && definition?.hasHealthCheck === true)
    return { state: 'starting', note: 'the task runs, its health check has not passed yet' };
  return { state: 'ready' };
}

function stopped(task: EcsTask, definition: EcsTaskDefinition | undefined): ObservedReplica['leaving'] {
  const because = STOPS[task.stopCode ?? ''] ?? 'ECS stops the task';
  const { stoppingAtMs } = task;
  if (stoppingAtMs === undefined) return { because };
  return { because, deadlineMs: stoppingAtMs + (definition?.stopTimeoutSeconds ?? 0) * 1_000 };
}

/** ECS starts a replacement of its own, and stops the task when that runs. */
function replaced({ startedBy }: EcsTask, { instance, outdated }: TaskContext): ObservedReplica['leaving'] {
  if (instance?.status === 'DRAINING')
    return { because: `container instance ${instance.instanceId ?? instance.arn} is draining` };
  if (startedBy !== undefined && outdated.includes(startedBy))
    return { because: 'a newer deployment replaces it' };
  return undefined;
}
