import type { Controller, SimulatedState, SimulatedSystem } from '../controller.ts';
import { RollingMean } from '../rolling-mean.ts';
import { type HpaBehavior, type HpaEvent, limitVelocity, stabilize } from './hpa-behavior.ts';
import { recommendReplicas } from './hpa-recommendation.ts';

/**
 * A HorizontalPodAutoscaler on CPU: every 15 s recommend, stabilise, limit the velocity
 * (kubernetes/kubernetes pkg/controller/podautoscaler: replica_calculator.go, horizontal.go; where releases differ, the later
 * one: both windows count at once, and a period's velocity looks at changes in both directions).
 *
 * What the sources leave open, and how it is settled here:
 * - CPU is work done over what the ready replicas could do; pods request what they may use, so that it saturates at 100 %
 *   and the ratio at 100 ÷ 70 = 1.43 however long the queue is.
 * - The metric is the mean of the last 30 s (a metrics server's window) and arrives at once. 15 to 60 s are seen in the
 *   field; on bursts the choice moves p99 by half.
 * - A pod counts as ready, with the others' utilisation, as soon as it is ready; that the controller ignores the first
 *   metric window of a pod younger than 5 minutes isn't modelled, nor is start-up CPU.
 * - Without a ready pod there is no metric, and so no action; the first loop is at second 0 and finds none.
 * - It remembers the initial count as a recommendation of its first loop, as `recordInitialRecommendation` does.
 */
export function startHpa(behavior: HpaBehavior, system: SimulatedSystem): Controller {
  const cpu = new RollingMean(METRIC_SECONDS);
  const keptSeconds = Math.max(
    behavior.up.stabilizationWindowSeconds,
    behavior.down.stabilizationWindowSeconds,
    ...[...behavior.up.policies, ...behavior.down.policies].map(({ periodSeconds }) => periodSeconds),
  );
  const isKept = (second: number) => (event: HpaEvent) => event.second > second - keptSeconds;
  let recommendations: readonly HpaEvent[] = [{ second: 0, replicas: system.initial }];
  let ups: readonly HpaEvent[] = [];
  let downs: readonly HpaEvent[] = [];
  let wasReady = false;

  function loop({ second, desired: current, ready, startingAges }: SimulatedState): number {
    const utilization = cpu.mean();
    if (utilization === undefined || ready === 0 || current === 0) return current;
    const pods = { current, ready, unready: startingAges.length, utilization };
    const recommended = clamp(recommendReplicas(pods, TARGET_PERCENT, TOLERANCE), system);
    const stabilized = stabilize(recommended, current, recommendations, second, behavior);
    recommendations = [...recommendations.filter(isKept(second)), { second, replicas: recommended }];
    const next = clamp(limitVelocity(stabilized, current, ups, downs, second, behavior), system);
    if (next > current) ups = [...ups.filter(isKept(second)), { second, replicas: next - current }];
    if (next < current) downs = [...downs.filter(isKept(second)), { second, replicas: current - next }];
    return next;
  }

  return {
    desired(state) {
      if (wasReady) cpu.push(state.utilization);
      wasReady = state.ready > 0;
      return state.second % LOOP_SECONDS === 0 ? loop(state) : state.desired;
    },
  };
}

const LOOP_SECONDS = 15;
const METRIC_SECONDS = 30;
const TARGET_PERCENT = 70;
const TOLERANCE = 0.1;

function clamp(count: number, { min, max }: SimulatedSystem): number {
  return Math.min(max, Math.max(min, count));
}
