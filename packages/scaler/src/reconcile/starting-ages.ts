import type { GroupState, StoredReplica } from '../store/store.ts';
import type { GroupSettings } from '../values/group-settings.ts';

/** Ages of replicas that count as on their way; what a counting driver has not listed yet was ordered with the last change. */
export function startingAges(
  active: readonly StoredReplica[],
  { desired, lastScaling }: GroupState,
  { startup }: GroupSettings,
  nowMs: number,
  namesReplicas: boolean,
): number[] {
  const ages = active
    .filter((row) => row.state.kind === 'launching')
    .map((row) => Math.max(0, nowMs - row.launchedAtMs) / 1_000)
    .filter((age) => age <= startup.timeoutSeconds);
  if (namesReplicas || desired === undefined) return ages;
  const age = Math.max(0, nowMs - (lastScaling?.atMs ?? nowMs)) / 1_000;
  const unlisted = age <= startup.timeoutSeconds ? Math.max(0, desired - active.length) : 0;
  return [...ages, ...Array.from({ length: unlisted }, () => age)];
}
