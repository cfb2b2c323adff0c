import type { Controller, NamedController, SimulatedSystem } from '../controller.ts';

/**
 * Target tracking of AWS Application Auto Scaling on an ECS service's mean CPU at 70 %, cooldowns 300 s and 300 s.
 *
 * What the documentation leaves open, and how it is settled here:
 * - The metric has one value a minute, the mean over the ready replicas, known when the minute ends; CPU saturates at 100 %.
 *   A minute without a ready replica has no value.
 * - The high alarm is on when the last 3 minutes were above 70 %, the low alarm when the last 15 were below 63 %
 *   (0.9 × target); a minute without a value turns both off: no data, no action. While an alarm is on it acts each minute.
 * - Both are proportional: ceil(base × CPU ÷ 70 %) with the last minute's CPU. The base is the desired count, launching
 *   ones included.
 * - During the cooldown after a scale-out the base is the count before its first step, and only a larger result than the
 *   current count is carried out; such a step starts the cooldown anew.
 * - The cooldown after a scale-in blocks further ones; a scale-out is not blocked by it and ends it.
 */
export const awsTargetTracking: NamedController = { name: 'aws-target-tracking', start: startTargetTracking };

function startTargetTracking(_system: SimulatedSystem): Controller {
  let minute = NO_MINUTE;
  let values: readonly (number | undefined)[] = [];
  let wasReady = false;
  let out: { readonly untilSecond: number; readonly base: number } | undefined;
  let inUntilSecond = 0;

  function evaluate(second: number, current: number): number {
    const last = values.at(-1);
    if (last === undefined) return current;
    if (isOn(values, HIGH_MINUTES, (cpu) => cpu > TARGET)) {
      const base = out !== undefined && second < out.untilSecond ? out.base : current;
      const wanted = Math.ceil((base * last) / TARGET - 1e-9);
      if (wanted <= current) return current;
      out = { untilSecond: second + COOLDOWN_SECONDS, base };
      inUntilSecond = 0;
      return wanted;
    }
    if (second >= inUntilSecond && isOn(values, LOW_MINUTES, (cpu) => cpu < LOW)) {
      const wanted = Math.ceil((current * last) / TARGET - 1e-9);
      if (wanted >= current) return current;
      inUntilSecond = second + COOLDOWN_SECONDS;
      return wanted;
    }
    return current;
  }

  return {
    desired({ second, desired, ready, utilization }) {
      if (wasReady) minute = { sum: minute.sum + utilization, seconds: minute.seconds + 1 };
      wasReady = ready > 0;
      if (second === 0 || second % 60 !== 0) return desired;
      const value = minute.seconds === 0 ? undefined : minute.sum / minute.seconds;
      values = [...values.slice(1 - LOW_MINUTES), value];
      minute = NO_MINUTE;
      return evaluate(second, desired);
    },
  };
}

/** Whether the last `minutes` all have a value that breaches. */
function isOn(
  values: readonly (number | undefined)[],
  minutes: number,
  breaches: (cpu: number) => boolean,
): boolean {
  const last = values.slice(-minutes);
  return last.length === minutes && last.every((cpu) => cpu !== undefined && breaches(cpu));
}

const NO_MINUTE = { sum: 0, seconds: 0 };
const TARGET = 0.7;
const LOW = 0.9 * TARGET;
const HIGH_MINUTES = 3;
const LOW_MINUTES = 15;
const COOLDOWN_SECONDS = 300;
