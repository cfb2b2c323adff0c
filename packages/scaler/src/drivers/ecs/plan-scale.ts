import type { ScaleOrder } from '../driver.ts';

/** A task as an order sees it. */
export interface CountedTask {
  readonly arn: string;
  readonly id: string;
  /** Whether the service counts it; else it was told to stop already. */
  readonly counted: boolean;
  readonly ready: boolean;
  /** The service replaces it by itself: it is unhealthy, or leaves. */
  readonly replaced: boolean;
  readonly createdAtMs: number;
}

/** What is to be done for an order, in this order. */
export interface ScalePlan {
  /** Tasks that scale-in shall spare, the most important first. */
  readonly protect: readonly string[];
  /** Tasks that it may take. */
  readonly release: readonly string[];
  /** What the service's desired count shall be. */
  readonly desired: number;
  /** How many of `release` have to be stopped by hand, since the count won't make them go; the service starts others in their place. */
  readonly stops: number;
}

/**
 * How a service gets to what is ordered. The service replaces by itself what is unhealthy or leaves, so these are not asked for once more.
 *
 * Worked example: of 5 tasks, one is to go and 4 shall be left. The 4 are protected, the count is lowered to 4, and ECS has only the one to take.
 * If 5 shall be left, the count stays, and the one is stopped: ECS starts another.
 */
export function planScale(
  { desired, remove }: Pick<ScaleOrder, 'desired' | 'remove'>,
  tasks: readonly CountedTask[],
  choosesRemoved: boolean,
): ScalePlan {
  const unwanted = new Set(remove);
  const beside = choosesRemoved
    ? tasks.filter(({ id, replaced }) => replaced && !unwanted.has(id)).length
    : 0;
  const wanted = Math.max(0, desired - beside);
  const counted = tasks.filter((task) => task.counted);
  const release = counted.filter(({ id }) => unwanted.has(id));
  const surplus = Math.max(0, counted.length - wanted);
  const kept = counted.filter(({ id, replaced }) => !unwanted.has(id) && !replaced);
  return {
    // More protected ones than wanted would keep the service above its count.
    protect: choosesRemoved && surplus > 0 ? [...kept].sort(byWorth).slice(0, wanted).map(arnOf) : [],
    release: release.map(arnOf),
    desired: wanted,
    stops: Math.max(0, release.length - surplus),
  };
}

/** What serves before what starts, the older before the younger. */
function byWorth(a: CountedTask, b: CountedTask): number {
  return Number(b.ready) - Number(a.ready) || a.createdAtMs - b.createdAtMs || (a.arn < b.arn ? -1 : 1);
}

function arnOf({ arn }: CountedTask): string {
  return arn;
}
