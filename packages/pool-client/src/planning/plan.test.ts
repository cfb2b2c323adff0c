import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backendView } from '../balancing/backend-view.test-support.ts';
import type { BackendView } from '../balancing/backend-view.ts';
import { strategyFor } from '../balancing/strategy-for.ts';
import { plan } from './plan.ts';
import { waterFill } from './water-fill.ts';

const leastWork = strategyFor('least-work');
const SEED = { seed: 20_260_101 };

/** Assignments as `id:chunks`. */
const brief = (queuedChunks: number, views: readonly BackendView[], strategy = leastWork) =>
  plan(queuedChunks, views, strategy).assignments.map(
    ({ backendId, maxChunks }) => `${backendId}:${maxChunks}`,
  );

const busy = { inFlightBatches: 1 };

describe('plan', () => {
  it.each<[string, number, BackendView[], string[]]>([
    ['sends nothing where nothing waits', 0, [backendView()], []],
    ['sends nothing where nobody is there', 5, [], []],
    ['sends a single chunk to an idle backend at once', 1, [backendView()], ['a:1']],
    ['shares a short queue out', 10, [backendView(), backendView({ id: 'b' })], ['a:5', 'b:5']],
    ['sends an idle backend one batch of a short queue', 20, [backendView()], ['a:16']],
    ['sends a second batch ahead where two more wait', 48, [backendView()], ['a:16', 'a:16']],
    ['keeps one chunk less than that back', 47, [backendView()], ['a:16']],
    ['sends the ready batch just in time', 10, [backendView({ ...busy, freeMs: 3 })], ['a:10']],
    ['sends the ready batch not earlier', 10, [backendView({ ...busy, freeMs: 3.1 })], []],
    ['sends it at once from a deep queue', 32, [backendView({ ...busy, freeMs: 90 })], ['a:16']],
    ['sends nothing beyond one ready batch', 1_000, [backendView({ inFlightBatches: 2, freeMs: 0 })], []],
    ['sends nothing ahead unmeasured', 1_000, [backendView({ ...busy, freeMs: 0, measured: false })], []],
    [
      'keeps work for a busy fast backend rather than giving it to an idle slow one',
      4,
      [backendView({ id: 'fast', ...busy, freeMs: 10 }), backendView({ id: 'slow', perChunkMs: 100 })],
      [],
    ],
    [
      'gives each of many workers a batch of its own',
      20,
      [backendView({ workers: 4, batchLimit: 64 })],
      ['a:5', 'a:5', 'a:5', 'a:5'],
    ],
  ])('%s', (_fact, queuedChunks, views, expected) => {
    expect(brief(queuedChunks, views)).toEqual(expected);
  });

  it("tries backends that were left out with nobody's chunks, while more waits than it can place", () => {
    const fast = backendView({ id: 'fast', ...busy, freeMs: 10 });
    const slow = backendView({ id: 'slow', perChunkMs: 100, trialDue: true });
    expect(plan(10, [fast, slow], leastWork)).toMatchObject({ assignments: [], trials: ['slow'] });
    expect(plan(0, [fast, slow], leastWork).trials).toEqual([]);
    const tried = { ...slow, inFlightBatches: 1 };
    expect(plan(10, [fast, tried], leastWork).trials).toEqual([]);
  });

  it('plans again when the first ready batch is to leave', () => {
    const views = [
      backendView({ id: 'a', ...busy, freeMs: 10 }),
      backendView({ id: 'b', ...busy, freeMs: 8, leadMs: 2 }),
      backendView({ id: 'c', ...busy, freeMs: 4, measured: false }),
    ];
    expect(plan(5, views, leastWork)).toMatchObject({ assignments: [], againInMs: 4 });
    expect(plan(5, views.slice(0, 2), leastWork).againInMs).toBe(6);
    expect(plan(0, views, leastWork).againInMs).toBeUndefined();
  });

  it('looks again at a full backend when it should be free: it may hang', () => {
    const hanging = backendView({ id: 'a', inFlightBatches: 2, workers: 1, freeMs: 40, measured: true });
    expect(plan(5, [hanging], leastWork)).toMatchObject({ assignments: [], againInMs: 40 });
  });

  it('uses every idle backend with a strategy that does not share by work', () => {
    const views = [backendView({ id: 'a' }), backendView({ id: 'b', perChunkMs: 500 })];
    expect(brief(10, views, strategyFor('least-connections'))).toEqual(['a:5', 'b:5']);
  });

  it('takes the first one where a strategy picks a stranger', () => {
    const strange = { name: 'strange', pick: () => backendView({ id: 'stranger' }) };
    expect(brief(10, [backendView({ id: 'a' }), backendView({ id: 'b' })], strange)).toEqual(['a:5', 'b:5']);
  });

  const views = fc
    .array(
      fc.record({
        inFlightBatches: fc.integer({ min: 0, max: 4 }),
        workers: fc.integer({ min: 1, max: 4 }),
        batchLimit: fc.integer({ min: 1, max: 256 }),
        baseMs: fc.double({ min: 0.05, max: 50, noNaN: true }),
        perChunkMs: fc.double({ min: 0, max: 50, noNaN: true }),
        leadMs: fc.double({ min: 1, max: 25, noNaN: true }),
        measured: fc.boolean(),
        trialDue: fc.boolean(),
      }),
      { maxLength: 8 },
    )
    .map((list) => list.map((given, i) => backendView({ ...given, id: `backend-${i}` })));
  const queued = fc.integer({ min: 0, max: 5_000 });
  const names = fc.constantFrom('least-work', 'least-connections', 'round-robin', 'ip-hash' as const);

  it('keeps every bound, whatever waits and whoever is there', () => {
    fc.assert(
      fc.property(queued, views, names, (queuedChunks, backends, name) => {
        const { assignments } = plan(queuedChunks, backends, strategyFor(name));
        const assigned = assignments.reduce((sum, { maxChunks }) => sum + maxChunks, 0);
        expect(assigned).toBeLessThanOrEqual(queuedChunks);
        for (const { id, batchLimit, inFlightBatches, workers, measured } of backends) {
          const own = assignments.filter(({ backendId }) => backendId === id);
          for (const { maxChunks } of own) {
            expect(maxChunks).toBeGreaterThanOrEqual(1);
            expect(maxChunks).toBeLessThanOrEqual(batchLimit);
          }
          const bound = Math.max(inFlightBatches, workers + (measured ? 1 : 0));
          expect(inFlightBatches + own.length).toBeLessThanOrEqual(bound);
        }
      }),
      SEED,
    );
  });

  const idleViews = views.map((list) =>
    list.map((view) => ({ ...view, inFlightBatches: 0, inFlightChunks: 0, freeMs: 0, trialDue: false })),
  );

  it('leaves no idle backend with a share without work while chunks wait', () => {
    fc.assert(
      fc.property(queued, views, (queuedChunks, backends) => {
        const { assignments } = plan(queuedChunks, backends, leastWork);
        let left = queuedChunks;
        let after: readonly BackendView[] = backends;
        for (const { backendId, maxChunks } of assignments) {
          left -= maxChunks;
          after = after.map((view) => (view.id === backendId ? withBatch(view, maxChunks) : view));
        }
        const shares = waterFill(left, after);
        const idleWithShare = after.filter((view, i) => view.inFlightBatches === 0 && (shares[i] ?? 0) >= 1);
        expect(left === 0 ? [] : idleWithShare).toEqual([]);
      }),
      SEED,
    );
  });

  it('shares what fits into one batch each out as well as the best of all ways', () => {
    const few = idleViews.map((list) =>
      list.slice(0, 3).map((view) => ({ ...view, workers: 1, batchLimit: 20 + view.batchLimit })),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), few, (queuedChunks, backends) => {
        fc.pre(backends.length > 0);
        const { assignments } = plan(queuedChunks, backends, leastWork);
        const ends = assignments.map(({ backendId, maxChunks }) => {
          const { baseMs = 0, perChunkMs = 0 } = backends.find(({ id }) => id === backendId) ?? {};
          return baseMs + perChunkMs * maxChunks;
        });
        expect(assignments.reduce((sum, { maxChunks }) => sum + maxChunks, 0)).toBe(queuedChunks);
        expect(Math.max(...ends)).toBeLessThanOrEqual(bestEndMs(queuedChunks, backends) + 0.01);
      }),
      SEED,
    );
  });

  it('makes no more batches of a million chunks than there is room for', () => {
    fc.assert(
      fc.property(views, (backends) => {
        const room = backends.reduce((sum, { workers }) => sum + workers + 1, 0);
        expect(plan(1_000_000, backends, leastWork).assignments.length).toBeLessThanOrEqual(room);
      }),
      SEED,
    );
  });

  it('sends something whenever all are idle', () => {
    fc.assert(
      fc.property(queued, views, names, (queuedChunks, backends, name) => {
        const idle = backends.map((view) => ({ ...view, inFlightBatches: 0, inFlightChunks: 0, freeMs: 0 }));
        const { assignments } = plan(queuedChunks, idle, strategyFor(name));
        expect(assignments.length > 0).toBe(queuedChunks > 0 && idle.length > 0);
      }),
      SEED,
    );
  });
});

function withBatch(view: BackendView, chunks: number): BackendView {
  const inFlightBatches = view.inFlightBatches + 1;
  const batchMs = (view.baseMs + view.perChunkMs * chunks) / view.workers;
  return {
    ...view,
    inFlightBatches,
    freeMs: inFlightBatches < view.workers ? view.freeMs : view.freeMs + batchMs,
  };
}

/** The earliest end of all ways to share out, with one batch each. */
function bestEndMs(chunks: number, [first, ...others]: readonly BackendView[]): number {
  if (first === undefined) return chunks === 0 ? 0 : Number.POSITIVE_INFINITY;
  let best = Number.POSITIVE_INFINITY;
  for (let own = 0; own <= chunks; own += 1) {
    const endMs = own === 0 ? 0 : first.baseMs + first.perChunkMs * own;
    best = Math.min(best, Math.max(endMs, bestEndMs(chunks - own, others)));
  }
  return best;
}
