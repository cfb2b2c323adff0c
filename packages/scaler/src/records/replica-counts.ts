/** States that replicas are counted in; those that are gone are not counted. */
export const COUNTED_STATES = ['launching', 'ready', 'draining', 'unhealthy', 'terminating'] as const;

export type CountedState = (typeof COUNTED_STATES)[number];

/** A replica as far as it is counted. */
export interface CountedReplica {
  readonly launchedAtMs: number;
  readonly state:
    | { readonly kind: 'launching' }
    | { readonly kind: 'ready'; readonly readyAtMs: number }
    | { readonly kind: 'draining' | 'unhealthy' | 'terminating'; readonly sinceMs: number }
    | { readonly kind: 'terminated' };
}

/** Of each state, how many replicas are in it and for how long the one that is in it longest; 0 seconds while none is. */
export type ReplicaCounts = Readonly<
  Record<CountedState, { readonly replicas: number; readonly oldestSeconds: number }>
>;

/** Document 001's facts about hosts: how many are in each state, and the longest time in each. A time stamp that lies ahead counts as now. */
export function replicaCounts(rows: readonly CountedReplica[], nowMs: number): ReplicaCounts {
  const counts = {
    launching: { replicas: 0, oldestSeconds: 0 },
    ready: { replicas: 0, oldestSeconds: 0 },
    draining: { replicas: 0, oldestSeconds: 0 },
    unhealthy: { replicas: 0, oldestSeconds: 0 },
    terminating: { replicas: 0, oldestSeconds: 0 },
  };
  for (const row of rows) {
    if (row.state.kind === 'terminated') continue;
    const count = counts[row.state.kind];
    count.replicas += 1;
    count.oldestSeconds = Math.max(count.oldestSeconds, (nowMs - sinceMs(row)) / 1_000);
  }
  return counts;
}

function sinceMs({ launchedAtMs, state }: CountedReplica): number {
  switch (state.kind) {
    case 'launching':
    case 'terminated':
      return launchedAtMs;
    case 'ready':
      return state.readyAtMs;
    default:
      return state.sinceMs;
  }
}
