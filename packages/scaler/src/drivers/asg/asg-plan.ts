import type { AutoScalingGroup, GroupInstance } from '../../aws/auto-scaling-api.ts';
import type { ScaleOrder } from '../driver.ts';
import { instanceState } from './instance-state.ts';

/** What to ask AWS for. */
export interface AsgPlan {
  /** Each ends one instance; with `decrement` the group's count goes down by one, else the instance is replaced. */
  readonly end: readonly { readonly id: string; readonly decrement: boolean }[];
  /** What the group's count shall be afterwards; within its MinSize and MaxSize. */
  readonly target: number;
  /** What it is once `end` is carried out: where it differs from `target` it has to be set. */
  readonly after: number;
  /** How many will be left of those that exist. */
  readonly survivors: number;
  /** Instances of the order that somebody protected by hand: they stay. */
  readonly kept: readonly string[];
  /** How many the order comes to, before the group's own limits. */
  readonly wanted: number;
}

/**
 * Ends exactly the instances of the order, and never lowers the count below what is left: then AWS would choose victims itself.
 * Worked example, 3 of 3 run: to 2 without `a` ends `a` with decrement; to 3 without `a` ends it without, and AWS replaces it; to 4 without
 * `a` does so and sets 4.
 */
export function asgPlan(group: AutoScalingGroup, { desired, remove }: ScaleOrder): AsgPlan {
  const ordered = new Set(remove);
  const living = group.instances.filter((instance) => instanceState(instance) !== undefined);
  const isKept = (instance: GroupInstance) => instance.protectedFromScaleIn && !group.protectsNew;
  const kept = living.filter((instance) => ordered.has(instance.id) && isKept(instance));
  const doomed = living.filter((instance) => ordered.has(instance.id) && !isKept(instance));
  const left = living.length - doomed.length;
  const wanted = Math.max(desired + kept.length, left);
  const target = Math.min(group.maxSize, Math.max(group.minSize, wanted));
  // Below MinSize AWS replaces whatever is ended: nothing is won, and the replacement would be next.
  const ending = wanted < group.minSize ? doomed.slice(0, Math.max(0, living.length - target)) : doomed;
  const decrements = Math.min(ending.length, Math.max(0, group.desired - target));
  return {
    end: ending.map(({ id }, index) => ({ id, decrement: index < decrements })),
    target,
    after: group.desired - decrements,
    survivors: living.length - ending.length,
    kept: kept.map(({ id }) => id),
    wanted,
  };
}
