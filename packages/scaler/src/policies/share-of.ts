/** A group as far as sharing work out is concerned. */
export interface Sharer {
  readonly current: number;
  readonly min: number;
  readonly max: number;
  /** What is planned with for one replica. */
  readonly chunksPerSecond: number;
  readonly pricePerHour: number;
}

/** Part of its price that ending a replica counts as: without it two classes at nearly the same cost would take turns. */
const SWITCHING_PART = 0.2;

/**
 * How many replicas of each group do `chunksPerSecond` together at the lowest price, within min and max; all at max when that is not enough.
 *
 * At 600 chunks/s for $0.17 and 4,000 for $2: 3,000 chunks/s take five of the first ($0.85); with at most four of them, one of the second.
 */
export function shareOf(chunksPerSecond: number, groups: readonly Sharer[]): readonly number[] {
  const byCost = groups
    .map((group, i) => ({ group, i }))
    .sort((a, b) => costOf(a.group) - costOf(b.group) || b.group.chunksPerSecond - a.group.chunksPerSecond);
  const counts = cheapest(
    chunksPerSecond,
    byCost.map(({ group }) => group),
  );
  // `as` holds: there is a count for each.
  return groups.map((_, i) => counts[byCost.findIndex((each) => each.i === i)] as number);
}

/** What a chunk/s costs in a group. */
function costOf({ pricePerHour, chunksPerSecond }: Sharer): number {
  return pricePerHour / chunksPerSecond;
}

/** Ways looked at before the best so far is taken: a few milliseconds, and of that many the rest is worth next to nothing. */
const MOST_VISITS = 20_000;

/** The groups come with the cheapest first, so that the first way found is already a good one. */
function cheapest(chunksPerSecond: number, groups: readonly Sharer[]): readonly number[] {
  let visits = 0;
  let best: { readonly counts: readonly number[]; readonly price: number } | undefined;
  const able = groups.reduce((sum, { max, chunksPerSecond: speed }) => sum + max * speed, 0);
  if (able < chunksPerSecond - 1e-9) return groups.map(({ max }) => max);
  // What a chunk/s costs at least in the groups from `i` on, and how many chunks/s these do at most.
  const leastCost = groups.map((_, i) =>
    Math.min(...groups.slice(i).map(({ pricePerHour, chunksPerSecond: speed }) => pricePerHour / speed)),
  );
  const most = groups.map((_, i) =>
    groups.slice(i).reduce((sum, { max, chunksPerSecond: speed }) => sum + max * speed, 0),
  );
  const visit = (counts: readonly number[], left: number, price: number) => {
    visits += 1;
    if (best !== undefined && visits > MOST_VISITS) return;
    const least = price + Math.max(0, left) * (leastCost[counts.length] ?? 0);
    if (best !== undefined && least >= best.price) return;
    if (left > (most[counts.length] ?? left) + 1e-9) return;
    const group = groups[counts.length];
    if (group === undefined) {
      if (left <= 1e-9) best = { counts, price };
      return;
    }
    const last = counts.length === groups.length - 1;
    const enough = Math.min(group.max, Math.max(group.min, Math.ceil(left / group.chunksPerSecond - 1e-9)));
    for (let count = enough; count >= (last ? enough : group.min); count -= 1) {
      const ended = Math.max(0, group.current - count);
      const cost = (count + SWITCHING_PART * ended) * group.pricePerHour;
      visit([...counts, count], left - count * group.chunksPerSecond, price + cost);
    }
  };
  visit([], chunksPerSecond, 0);
  return best?.counts ?? groups.map(({ max }) => max);
}
