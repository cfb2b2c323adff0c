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
  return { id, group: 'cpu', launchedAtMs, seenAtMs: launchedAtMs, state: { kind: 'launching' }, ...given };
}

/** A launch that was written down, and that the driver has not listed yet. */
export function launched(id: string, ageSeconds = 10): StoredReplica {
  return {
    id,
    group: 'cpu',
    launchedAtMs: NOW_MS - ageSeconds * 1_000,
    state: { kind: 'launching' },
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
export function terminating(row: StoredReplica, because = 'it is empty'): StoredReplica {
  return { ...row, state: { kind: 'terminating', sinceMs: NOW_MS - 5_000, cause: 'empty', because } };
}

export function unhealthy(id: string, sinceSeconds = 30, by: 'list' | 'itself' = 'list'): StoredReplica {
  const sinceMs = NOW_MS - sinceSeconds * 1_000;
  return ready(id, { state: { kind: 'unhealthy', sinceMs, by, because: 'no answer' } });
}

/** It serves, and shall be replaced; in so many seconds it is gone. */
export function leaving(id: string, leftSeconds?: number): StoredReplica {
  const deadlineMs = leftSeconds === undefined ? {} : { deadlineMs: NOW_MS + leftSeconds * 1_000 };
  return ready(id, {
    state: {
      kind: 'ready',
      readyAtMs: NOW_MS - 600_000,
      leaving: { because: 'spot interruption', ...deadlineMs },
    },
  });
}

export function observed(
  id: string,
  state: ObservedReplica['state'] = 'ready',
  given: Partial<ObservedReplica> = {},
): ObservedReplica {
  return { id, state, ...given };
}

type Kind = 'ready' | 'starting' | 'launched' | 'draining' | 'unhealthy' | 'leaving' | 'advised';

/** Up to eight rows of every kind, each with its own id. */
export const anyRows: fc.Arbitrary<readonly StoredReplica[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom<Kind[]>(
        'ready',
        'ready',
        'starting',
        'launched',
        'draining',
        'unhealthy',
        'leaving',
        'advised',
      ),
      ageSeconds: fc.integer({ min: 0, max: 800 }),
      leftSeconds: fc.integer({ min: -20, max: 90 }),
      removed: fc.constantFrom(false, false, false, true),
    }),
    { maxLength: 8 },
  )
  .map((kinds) =>
    kinds.map(({ kind, ageSeconds, leftSeconds, removed }, i) => {
      const id = `r${i}`;
      const rows = {
        ready: ready(id, { launchedAtMs: NOW_MS - ageSeconds * 1_000 }),
        starting: starting(id, ageSeconds),
        launched: launched(id, ageSeconds),
        draining: draining(id, ageSeconds, leftSeconds),
        unhealthy: unhealthy(id, ageSeconds),
        leaving: leaving(id, leftSeconds),
        advised: leaving(id),
      };
      return removed ? terminating(rows[kind]) : rows[kind];
    }),
  );
