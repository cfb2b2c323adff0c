import { describe, expect, it } from 'vitest';
import { backendView } from '../balancing/backend-view.test-support.ts';
import { strategyFor } from '../balancing/strategy-for.ts';
import { jobOf } from '../job.test-support.ts';
import { batchOf, NO_HISTORY } from '../queue/batch.ts';
import { acceptsOf, boundsOf, mayRetry, type Occasion } from './what-fits.ts';

const calm = { expected: false, waiting: [] };
const hasty = { expected: true, waiting: ['interactive' as const] };
const [a, b] = [backendView({ id: 'a' }), backendView({ id: 'b' })];

const occasion = (given: Partial<Occasion> = {}): Occasion => ({
  nowMs: 1_000,
  backend: a,
  backends: [a, b],
  haste: calm,
  strategy: strategyFor('least-work'),
  affinityWaitMs: 250,
  ...given,
});

describe('a batch', () => {
  it('is shorter while somebody is in haste', () => {
    const charge = { baseMs: 0, perChunkMs: 1, perKilocharacterMs: 0 };
    expect(boundsOf(occasion(), 9, charge)).toMatchObject({
      maxChunks: 9,
      maxMs: 100,
      curve: a.curve,
      charge,
    });
    expect(boundsOf(occasion({ haste: hasty }), 9, charge).maxMs).toBe(40);
  });

  it.each<[string, Partial<typeof NO_HISTORY>, Partial<Occasion>, boolean]>([
    ['may go to another backend', { triedBackendIds: ['b'] }, {}, true],
    ['may not go back while there is another', { triedBackendIds: ['a'] }, {}, false],
    ['may go back when all have failed with it', { triedBackendIds: ['a', 'b'] }, {}, true],
    ['may go back where there is no other', { triedBackendIds: ['a'] }, { backends: [a] }, true],
    ['may go at its time', { notBeforeMs: 1_000 }, {}, true],
    ['may not go before', { notBeforeMs: 1_001 }, {}, false],
  ])('that failed %s', (_fact, history, given, expected) => {
    const batch = batchOf([], { ...NO_HISTORY, ...history });
    expect(mayRetry(occasion(given), batch)).toBe(expected);
  });
});

describe('a job', () => {
  const query = jobOf({ priority: 'interactive' });
  const bulk = jobOf({ priority: 'bulk' });
  const trying = backendView({ id: 'a', trying: true });

  it('goes anywhere where nothing speaks against it', () => {
    expect(acceptsOf(occasion())).toBeUndefined();
    expect(acceptsOf(occasion({ haste: hasty }))).toBeUndefined();
  });

  it('in haste keeps away from a backend where it may stand in line, while there is another', () => {
    const there = acceptsOf(occasion({ haste: hasty, backend: trying, backends: [trying, b] }));
    expect([query, bulk].map((job) => there?.(job))).toEqual([false, true]);
    expect(acceptsOf(occasion({ haste: hasty, backend: trying, backends: [trying] }))).toBeUndefined();
  });

  it('bound to a backend waits for it, a while', () => {
    const strategy = strategyFor('ip-hash');
    const owner = strategy.owner?.('caller', ['a', 'b']);
    const [own, other] = owner === 'a' ? [a, b] : [b, a];
    const accepts = (backend: typeof a, acceptedAtMs: number) =>
      acceptsOf(occasion({ strategy, backend }))?.(jobOf({ affinity: 'caller', acceptedAtMs }));
    expect([accepts(own, 900), accepts(other, 900), accepts(other, 750)]).toEqual([true, false, true]);
  });
});
