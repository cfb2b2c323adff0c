/** `spec.behavior` of a HorizontalPodAutoscaler, `selectPolicy: Max` (its default) in both directions. */
export interface HpaBehavior {
  readonly up: HpaScalingRules;
  readonly down: HpaScalingRules;
}

export interface HpaScalingRules {
  readonly stabilizationWindowSeconds: number;
  readonly policies: readonly HpaScalingPolicy[];
}

export type HpaScalingPolicy =
  | { readonly type: 'Percent'; readonly value: number; readonly periodSeconds: number }
  | { readonly type: 'Pods'; readonly value: number; readonly periodSeconds: number };

/** A recommendation, or a change that was made (`replicas`: how many came or went), by second. */
export interface HpaEvent {
  readonly second: number;
  readonly replicas: number;
}

/**
 * `stabilizeRecommendationWithBehaviors`: the current count, raised to the lowest recommendation of the up window and cut
 * to the highest of the down window; the present recommendation is one of each.
 */
export function stabilize(
  recommended: number,
  current: number,
  earlier: readonly HpaEvent[],
  second: number,
  behavior: HpaBehavior,
): number {
  let lowestUp = recommended;
  let highestDown = recommended;
  for (const { second: at, replicas } of earlier) {
    if (at > second - behavior.up.stabilizationWindowSeconds) lowestUp = Math.min(lowestUp, replicas);
    if (at > second - behavior.down.stabilizationWindowSeconds) highestDown = Math.max(highestDown, replicas);
  }
  return Math.min(Math.max(current, lowestUp), highestDown);
}

/**
 * `convertDesiredReplicasWithBehaviorRate`: each policy starts from the count at the start of its period, which is the
 * current one without what the period's own changes added and with what they took; the policy that allows most counts.
 */
export function limitVelocity(
  wanted: number,
  current: number,
  ups: readonly HpaEvent[],
  downs: readonly HpaEvent[],
  second: number,
  behavior: HpaBehavior,
): number {
  const startOf = ({ periodSeconds }: HpaScalingPolicy) =>
    current - changed(ups, second, periodSeconds) + changed(downs, second, periodSeconds);
  if (wanted > current) {
    const limits = behavior.up.policies.map((policy) =>
      policy.type === 'Pods'
        ? startOf(policy) + policy.value
        : Math.ceil(startOf(policy) * (1 + policy.value / 100)),
    );
    return Math.min(wanted, Math.max(current, ...limits));
  }
  if (wanted < current) {
    const limits = behavior.down.policies.map((policy) =>
      policy.type === 'Pods'
        ? startOf(policy) - policy.value
        : Math.trunc(startOf(policy) * (1 - policy.value / 100)),
    );
    return Math.max(wanted, Math.min(current, ...limits));
  }
  return wanted;
}

function changed(events: readonly HpaEvent[], second: number, periodSeconds: number): number {
  return events.reduce(
    (sum, event) => (event.second > second - periodSeconds ? sum + event.replicas : sum),
    0,
  );
}
