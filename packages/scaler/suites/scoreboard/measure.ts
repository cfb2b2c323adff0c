import type { NamedController, SimulatedSystem } from '../../src/simulate/controller.ts';
import { simulate } from '../../src/simulate/simulator.ts';

/** One policy on one trace, rate and start-up time: medians over the shifts. */
export interface Measured {
  /** Waits under 5 s count as 5 s; `null` in JSON stands for infinite. */
  readonly p99: number;
  readonly hours: number;
  readonly actions: number;
  /** Seconds from the first request to the first replica ordered, the longest of the shifts. */
  readonly firstOrderDelay: number;
}

/** Below that nobody cares. */
export const FLOOR_SECONDS = 5;

/** The trace, delayed by each of these many empty seconds. */
export function shiftedBy(
  requests: readonly number[],
  shifts: readonly number[],
): readonly (readonly number[])[] {
  return shifts.map((shift) => [...new Array<number>(shift).fill(0), ...requests]);
}

/** Runs a policy over each of the shifted traces. */
export function measure(
  traces: readonly (readonly number[])[],
  system: SimulatedSystem,
  policy: NamedController,
  skipSeconds: number,
): Measured {
  const runs = traces.map((requests) => {
    const result = simulate(requests, system, policy.start(system), { skipSeconds });
    const firstRequest = requests.findIndex((count) => count > 0);
    return { ...result, firstOrderDelay: (result.firstOrderSecond ?? Infinity) - firstRequest };
  });
  return {
    p99: Math.max(FLOOR_SECONDS, median(runs.map(({ waitP99Seconds }) => waitP99Seconds))),
    hours: median(runs.map(({ replicaHours }) => replicaHours)),
    actions: median(runs.map(({ actions }) => actions)),
    firstOrderDelay: Math.max(...runs.map(({ firstOrderDelay }) => firstOrderDelay)),
  };
}

/** The middle one; of an even number the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  // In range for any list that isn't empty; shifts are never empty.
  const high = sorted[Math.floor(middle)]!;
  return Number.isInteger(middle) && sorted.length > 0 ? (high + sorted[middle - 1]!) / 2 : high;
}
