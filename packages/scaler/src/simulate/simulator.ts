import type { Controller, SimulatedState, SimulatedSystem } from './controller.ts';
import { Fleet } from './fleet.ts';
import { FluidQueue } from './fluid-queue.ts';
import { Waits } from './waits.ts';

/** One second of a run: the counts that held in it, and the work that waits at its end. */
export type OnSecond = (second: number, desired: number, ready: number, queued: number) => void;

/** What a run is scored by. */
export interface RunResult {
  /** Percentiles of the waits by nearest rank; `Infinity` where one falls on an unserved request. */
  readonly waitP50Seconds: number;
  readonly waitP99Seconds: number;
  readonly waitMaxSeconds: number;
  /** Launch to termination, up to the end of the trace. */
  readonly replicaHours: number;
  /** Changes of the desired count, after it was clamped. */
  readonly actions: number;
  /** Requests that had not begun to be served 1,800 s after the trace. */
  readonly unserved: number;
  /** The first second in which at least one replica was desired; undefined when none was. */
  readonly firstOrderSecond?: number;
}

/**
 * Runs one controller through a trace (requests in each second), second by second:
 * replicas whose start-up is over become ready; the controller sees the state and answers; its count is clamped to min and
 * max and carried out at once; then the second's requests come and are served (see `FluidQueue`).
 * The initial replicas are ready at second 0. After the trace those that were ready in its last second serve on for 1,800 s,
 * which costs nothing.
 *
 * @param skipSeconds - what is not scored: waits (and being unserved) of requests that came in these first seconds, their
 * replica-hours and actions.
 */
export function simulate(
  requests: ArrayLike<number>,
  system: SimulatedSystem,
  controller: Controller,
  options: { readonly skipSeconds?: number; readonly onSecond?: OnSecond } = {},
): RunResult {
  const { skipSeconds = 0, onSecond } = options;
  const waits = new Waits();
  const queue = new FluidQueue(requests, (arrivalSecond, first, last, count) => {
    if (arrivalSecond >= skipSeconds) waits.add(first, last, count);
  });
  let desired = clamp(system.initial, system);
  const fleet = new Fleet(desired, system.startupSeconds);
  let firstOrderSecond = desired > 0 ? 0 : undefined;
  let replicaSeconds = 0;
  let actions = 0;
  let served = 0;
  let capacity = 0;
  for (let second = 0; second < requests.length; second += 1) {
    fleet.becomeReady(second);
    const state: SimulatedState = {
      second,
      desired,
      ready: fleet.ready,
      startingAges: fleet.startingAges(second),
      arrived: requests[second - 1] ?? 0,
      served,
      queued: queue.backlog,
      oldestSeconds: queue.oldestSeconds(second),
      utilization: capacity > 0 ? Math.min(1, served / capacity) : 0,
    };
    const wanted = clamp(controller.desired(state), system);
    if (wanted !== desired) {
      desired = wanted;
      if (second >= skipSeconds) actions += 1;
      if (desired > 0) firstOrderSecond ??= second;
      fleet.resize(desired, second);
      fleet.becomeReady(second);
    }
    if (second >= skipSeconds) replicaSeconds += fleet.size;
    capacity = fleet.ready * system.perReplica;
    served = queue.pass(second, capacity);
    onSecond?.(second, desired, fleet.ready, queue.backlog);
  }
  for (let i = 0; i < SECONDS_AFTER_TRACE && queue.backlog > 0; i += 1)
    queue.pass(requests.length + i, capacity);
  queue.notStarted((arrivalSecond, count) => {
    if (arrivalSecond >= skipSeconds) waits.addUnserved(count);
  });
  return {
    waitP50Seconds: waits.percentile(0.5),
    waitP99Seconds: waits.percentile(0.99),
    waitMaxSeconds: waits.max(),
    replicaHours: replicaSeconds / 3600,
    actions,
    unserved: waits.unserved,
    ...(firstOrderSecond === undefined ? {} : { firstOrderSecond }),
  };
}

const SECONDS_AFTER_TRACE = 1800;

function clamp(count: number, system: SimulatedSystem): number {
  return Math.min(system.max, Math.max(system.min, count));
}
