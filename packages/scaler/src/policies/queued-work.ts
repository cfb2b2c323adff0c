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
  const needed = (part * found.chunksPerSecond) / planned;
  // While work comes and nobody has measured what a replica does, fewer could be far too few.
  const alone = context.peers.length === 0;
  const guessed = alone && !found.measured && context.ready > 0 && found.chunksPerSecond > 0;
  const replicas = guessed ? Math.max(needed, context.current / headroom) : needed;
  const shared = context.peers.length === 0 ? '' : `, ${(100 * part).toFixed(0)} % of it here`;
  const because = `${found.because} over ${planned.toFixed(1)} per replica${shared}`;
  const figures = {
    ...found.figures,
    demand_chunks_per_second: found.chunksPerSecond,
    replica_chunks_per_second: found.perReplica,
    planned_replica_chunks_per_second: planned,
    own_part_ratio: part,
    needed_replicas: needed,
  };
  return { kind: 'wants', policy, replicas, order: headroom * replicas, tolerance, because, figures };
}

/** The part of all work that falls to this group when it is shared out at the lowest price. */
function ownPart(
  chunksPerSecond: number,
  headroom: number,
  utilization: number,
  perReplica: number,
  context: PolicyContext,
): number {
  const { group: name, current, min, max, pricePerHour, peers } = context;
  const own = { group: name, current, min, max, pricePerHour, chunksPerSecond: perReplica };
  // In the same order whoever asks: of two ways at the same price all groups must take the same.
  const groups = [own, ...peers]
    .sort((a, b) => (a.group < b.group ? -1 : 1))
    .map((each) => ({ ...each, chunksPerSecond: each.chunksPerSecond * utilization }));
  const counts = shareOf(headroom * chunksPerSecond, groups);
  // `as` holds, here and below: there is one count for each group, and one of them is its own.
  const capacities = groups.map((group, i) => (counts[i] as number) * group.chunksPerSecond);
  const total = capacities.reduce((sum, capacity) => sum + capacity, 0);
  const index = groups.findIndex(({ group }) => group === name);
  return total === 0 ? 1 : (capacities[index] as number) / total;
}
