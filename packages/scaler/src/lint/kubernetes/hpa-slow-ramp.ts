import { at, items, numeric } from '../values.ts';
import { inHpa, type KubernetesRule, limitsOf, readinessDelaySeconds } from './kubernetes-subject.ts';

/** Longer than this to the full size, and a burst is over before it is served. */
const SLOW_SECONDS = 180;

/** Limits on scaling out that take minutes to get from min to max. */
export const hpaSlowRamp: KubernetesRule = {
  id: 'hpa-slow-ramp',
  check: ({ hpa, target }) => {
    const scaleUp = at(hpa, 'spec', 'behavior', 'scaleUp');
    const { min, max } = limitsOf(hpa);
    const policies = items(at(scaleUp, 'policies'));
    if (policies.length === 0) return [];
    const periodSeconds = Math.max(...policies.map((policy) => numeric(at(policy, 'periodSeconds')) ?? 15));
    const steps = rampOf(policies, at(scaleUp, 'selectPolicy') === 'Min', Math.max(1, min), max);
    if (steps === undefined) return [];
    const windowSeconds = numeric(at(scaleUp, 'stabilizationWindowSeconds')) ?? 0;
    const delaySeconds = readinessDelaySeconds(target);
    const seconds = windowSeconds + (steps.length - 2) * periodSeconds + delaySeconds;
    if (seconds < SLOW_SECONDS) return [];
    const parts = [
      `${windowSeconds} s of window`,
      `${steps.length - 2} times ${periodSeconds} s (${steps.join(', ')})`,
      ...(delaySeconds > 0 ? [`${delaySeconds} s until the last is ready`] : []),
    ];
    return [
      inHpa(
        ['spec', 'behavior', 'scaleUp'],
        `from ${min} to ${max} it takes ${seconds} s: ${parts.join(' + ')}`,
        'no scaleUp at all: the default doubles the count, or adds 4, every 15 s, without a window',
      ),
    ];
  },
};

/** The counts on the way from min to max, one for each period. */
function rampOf(
  policies: readonly unknown[],
  least: boolean,
  min: number,
  max: number,
): number[] | undefined {
  const counts = [min];
  for (let count = min; count < max && counts.length < 1000; ) {
    const reached = policies.map((policy) => {
      const value = numeric(at(policy, 'value')) ?? 0;
      return at(policy, 'type') === 'Percent' ? Math.ceil(count * (1 + value / 100)) : count + value;
    });
    const next = Math.min(max, least ? Math.min(...reached) : Math.max(...reached));
    if (next <= count) return undefined;
    counts.push(next);
    count = next;
  }
  return counts;
}
