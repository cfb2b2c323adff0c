import fc from 'fast-check';
import { NOW_MS } from '../decide/decision.test-support.ts';
import type { StoredReplica } from '../store/store.ts';
import type { ObservedReplica, ReplicaState } from '../values/replica.ts';

/** A row that was launched and seen ten minutes ago and is ready since. */
export function ready(id: string, given: Partial<StoredReplica> = {}): StoredReplica {
  const launchedAtMs = NOW_MS - 600_000;
  return {
    id,
    group: 'cpu',
    launchedAtMs,
    seenAtMs: launchedAtMs,
    state: { kind: 'ready', readyAtMs: launchedAtMs },
    ...given,
  };
}

export function starting(id: string, ageSeconds = 10, given: Partial<StoredReplica> = {}): StoredReplica {
  const launchedAtMs = NOW_MS - ageSeconds * 1_000;
  return { id, group: 'cpu', launchedAtMs, seenAtMs: launchedAtMs, state: { kind: 'starting' }, ...given };
}

/** A launch that was written down, and that the driver has not listed yet. */
export function launched(id: string, ageSeconds = 10): StoredReplica {
  return {
    id,
    group: 'cpu',
    launchedAtMs: NOW_MS - ageSeconds * 1_000,
    state: { kind: 'starting' },
  };
}

export function draining(id: string, sinceSeconds = 30, leftSeconds = 90): StoredReplica {
  const state: ReplicaState = {
    kind: 'draining',
    sinceMs: NOW_MS - sinceSeconds * 1_000,
    deadlineMs: NOW_MS + leftSeconds * 1_000,
  };
  return ready(id, { state });
}

/** Its end was ordered five seconds ago. */
export function removing(row: StoredReplica, because = 'it is empty'): StoredReplica {
  return { ...row, removing: { sinceMs: NOW_MS - 5_000, because } };
}

export function observed(
  id: string,
  state: ObservedReplica['state'] = 'ready',
  given: Partial<ObservedReplica> = {},
): ObservedReplica {
  return { id, state, ...given };
}

/** Up to eight rows of every kind, each with its own id. */
export const anyRows: fc.Arbitrary<readonly StoredReplica[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom('ready', 'ready', 'starting', 'launched', 'draining'),
      ageSeconds: fc.integer({ min: 0, max: 800 }),
      leftSeconds: fc.integer({ min: -20, max: 90 }),
      removed: fc.constantFrom(false, false, false, true),
    }),
    { maxLength: 8 },
  )
  .map((kinds) =>
    kinds.map(({ kind, ageSeconds, leftSeconds, removed }, i) => {
      const id = `r${i}`;
      const row =
        kind === 'ready'
          ? ready(id, { launchedAtMs: NOW_MS - ageSeconds * 1_000 })
          : kind === 'starting'
            ? starting(id, ageSeconds)
            : kind === 'launched'
              ? launched(id, ageSeconds)
              : draining(id, ageSeconds, leftSeconds);
      return removed ? removing(row) : row;
    }),
  );
