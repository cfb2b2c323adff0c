import fc from 'fast-check';
import { expect, it } from 'vitest';
import { COUNTED_STATES, type CountedReplica, replicaCounts } from './replica-counts.ts';

const NOW_MS = 1_800_000_000_000;
const ago = (seconds: number) => NOW_MS - 1_000 * seconds;
const none = { replicas: 0, oldestSeconds: 0 };

it('counts replicas by state, with the age of the oldest in each', () => {
  const rows: readonly CountedReplica[] = [
    { launchedAtMs: ago(20), state: { kind: 'launching' } },
    { launchedAtMs: ago(45), state: { kind: 'launching' } },
    { launchedAtMs: ago(900), state: { kind: 'ready', readyAtMs: ago(840) } },
    { launchedAtMs: ago(900), state: { kind: 'draining', sinceMs: ago(30) } },
    { launchedAtMs: ago(900), state: { kind: 'unhealthy', sinceMs: ago(43_200) } },
    { launchedAtMs: ago(900), state: { kind: 'unhealthy', sinceMs: ago(5) } },
    { launchedAtMs: ago(900), state: { kind: 'terminated' } },
  ];
  expect(replicaCounts(rows, NOW_MS)).toEqual({
    launching: { replicas: 2, oldestSeconds: 45 },
    ready: { replicas: 1, oldestSeconds: 840 },
    draining: { replicas: 1, oldestSeconds: 30 },
    unhealthy: { replicas: 2, oldestSeconds: 43_200 },
    terminating: none,
  });
});

it('takes a time that lies ahead for now, as after the clock was set back', () => {
  const rows: readonly CountedReplica[] = [{ launchedAtMs: ago(-60), state: { kind: 'launching' } }];
  expect(replicaCounts(rows, NOW_MS).launching).toEqual({ replicas: 1, oldestSeconds: 0 });
});

it('counts each that is not gone exactly once', () => {
  const kind = fc.constantFrom(...COUNTED_STATES, 'terminated' as const);
  fc.assert(
    fc.property(fc.array(kind), (kinds) => {
      const rows = kinds.map((each): CountedReplica => ({ launchedAtMs: NOW_MS, state: stateOf(each) }));
      const counts = replicaCounts(rows, NOW_MS);
      for (const state of COUNTED_STATES) {
        expect(counts[state].replicas).toBe(kinds.filter((each) => each === state).length);
      }
    }),
    { seed: 1 },
  );
});

function stateOf(kind: CountedReplica['state']['kind']): CountedReplica['state'] {
  if (kind === 'launching' || kind === 'terminated') return { kind };
  return kind === 'ready' ? { kind, readyAtMs: NOW_MS } : { kind, sinceMs: NOW_MS };
}
