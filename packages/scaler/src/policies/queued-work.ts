import type { QueuedWorkSettings } from '../values/group-settings.ts';
import type { Vote } from '../values/vote.ts';
import { demand } from './demand.ts';
import type { PolicyContext } from './policy-context.ts';
import { shareOf } from './share-of.ts';
import { lost } from './wants.ts';

/** Demand over what one replica does; with other groups for the same callers, this group's part of it. */
export function queuedWork(settings: QueuedWorkSettings, context: PolicyContext): Vote {
  const found = demand(settings, context);
  const { name: policy, headroom, utilization, tolerance } = settings;
  if (found.kind === 'lost') return lost(policy, found.because);
  const planned = found.perReplica * utilization;
  const part =
    context.peers.length === 0
      ? 1
      : ownPart(found.chunksPerSecond, headroom, utilization, found.perReplica, context);
  const replicas = (part * found.chunksPerSecond) / planned;
  const shared = context.peers.length === 0 ? '' : `, ${(100 * part).toFixed(0)} % of it here`;
  const because = `${found.because} over ${planned.toFixed(1)} per replica${shared}`;
  return { kind: 'wants', policy, replicas, order: headroom * replicas, tolerance, because };
}

/** The part of all work that falls to this group when it is shared out at the lowest price. */
function ownPart(
  chunksPerSecond: number,
  headroom: number,
  utilization: number,
  perReplica: number,
  context: PolicyContext,
): number {
  const { current, min, max, pricePerHour, peers } = context;
  const groups = [{ current, min, max, pricePerHour, chunksPerSecond: perReplica }, ...peers].map(
    (group) => ({
      ...group,
      chunksPerSecond: group.chunksPerSecond * utilization,
    }),
  );
  const counts = shareOf(headroom * chunksPerSecond, groups);
  // `as` holds: there is one count for each group.
  const capacities = groups.map((group, i) => (counts[i] as number) * group.chunksPerSecond);
  const total = capacities.reduce((sum, capacity) => sum + capacity, 0);
  return total === 0 ? 1 : (capacities[0] as number) / total;
}
