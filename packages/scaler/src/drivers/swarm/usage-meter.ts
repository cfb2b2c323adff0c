import type { Sample, Samples } from '../../values/sample.ts';
import { type ContainerUsage, containerUsage, type UsageReading } from './container-usage.ts';
import type { EngineApi } from './engine-api.ts';
import type { EngineStats, EngineTask } from './engine-values.ts';

/** Most looks at a time. */
const PARALLEL = 16;

/** The Engine of a node, where one is known. */
export type EngineOf = (nodeId: string) => EngineApi | undefined;

/** Looks at the containers of running tasks and remembers the last look, since CPU is a difference of two. */
export class UsageMeter {
  #looks: ReadonlyMap<string, EngineStats> = new Map();

  /** Means over `tasks`. One that can't be read and they are missing: the mean of the others may be anything. */
  async measure(
    tasks: readonly EngineTask[],
    engineOf: EngineOf,
    nowMs: number,
    signal: AbortSignal,
  ): Promise<Samples> {
    if (tasks.length === 0) return both({ kind: 'missing', reason: 'no task is running', atMs: nowMs });
    const unknown = [...new Set(tasks.map(({ NodeID }) => NodeID))].filter(
      (id) => engineOf(id) === undefined,
    );
    if (unknown.length > 0) {
      const there = tasks.filter(({ NodeID }) => unknown.includes(NodeID)).length;
      const reason = `${there} of ${tasks.length} tasks run on nodes whose Engine is not known: give drivers.swarm.engines ${unknown.join(', ')}`;
      return both({ kind: 'missing', reason, atMs: nowMs });
    }
    const readings: UsageReading[] = [];
    const looks = new Map<string, EngineStats>();
    for (let from = 0; from < tasks.length; from += PARALLEL) {
      const part = tasks.slice(from, from + PARALLEL);
      readings.push(...(await Promise.all(part.map((task) => this.#look(task, engineOf, looks, signal)))));
    }
    this.#looks = looks;
    const failed = readings.flatMap((each, i) =>
      each.kind === 'missing' ? [`task ${tasks[i]?.ID}: ${each.reason}`] : [],
    );
    if (failed[0] !== undefined) return both({ kind: 'missing', reason: failed[0], atMs: nowMs });
    const usages = readings.flatMap((each) => (each.kind === 'read' ? [each.usage] : []));
    const mean = (of: (usage: ContainerUsage) => number | undefined): Sample => {
      const values = usages.map(of);
      const unknown = values.indexOf(undefined);
      if (unknown >= 0) {
        const reason = `task ${tasks[unknown]?.ID}: it was looked at for the first time`;
        return { kind: 'missing', reason, atMs: nowMs };
      }
      return {
        kind: 'value',
        value: values.reduce<number>((sum, each) => sum + (each ?? 0), 0) / values.length,
        atMs: nowMs,
      };
    };
    return {
      cpu_percent: mean(({ cpuPercent }) => cpuPercent),
      memory_percent: mean(({ memoryPercent }) => memoryPercent),
    };
  }

  async #look(
    { ID, NodeID, Status, Spec }: EngineTask,
    engineOf: EngineOf,
    looks: Map<string, EngineStats>,
    signal: AbortSignal,
  ): Promise<UsageReading> {
    const container = Status.ContainerStatus?.ContainerID;
    if (!container) return { kind: 'missing', reason: 'its container is not known' };
    try {
      const now = await engineOf(NodeID)?.stats(container, signal);
      if (now === undefined) return { kind: 'missing', reason: 'its container is gone' };
      looks.set(ID, now);
      return containerUsage(this.#looks.get(ID), now, Spec.Resources?.Limits?.NanoCPUs);
    } catch (error) {
      return { kind: 'missing', reason: error instanceof Error ? error.message : String(error) };
    }
  }
}

function both(sample: Sample): Samples {
  return { cpu_percent: sample, memory_percent: sample };
}
