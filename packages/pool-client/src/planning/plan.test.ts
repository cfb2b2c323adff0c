import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backendView } from '../balancing/backend-view.test-support.ts';
import type { BackendView } from '../balancing/backend-view.ts';
import { strategyFor } from '../balancing/strategy-for.ts';
import { plan } from './plan.ts';

const leastWork = strategyFor('least-work');
const SEED = { seed: 20_260_101 };

/** Assignments as `id:chunks`. */
const brief = (queuedChunks: number, views: readonly BackendView[]) =>
  plan(queuedChunks, views, leastWork).map(({ backendId, maxChunks }) => `${backendId}:${maxChunks}`);

describe('plan', () => {
  it.each<[string, number, BackendView[], string[]]>([
    ['sends nothing where nothing waits', 0, [backendView()], []],
    ['sends nothing where nobody is there', 5, [], []],
    ['sends a single chunk to an idle backend at once', 1, [backendView()], ['a:1']],
    [
      'shares a short queue out among idle backends',
      10,
      [backendView({ id: 'a' }), backendView({ id: 'b' })],
      ['a:5', 'b:5'],
    ],
    [
      'shares an odd one so that the first gets the chunk over',
      5,
      [backendView({ id: 'a' }), backendView({ id: 'b' }), backendView({ id: 'c' })],
      ['a:2', 'b:2', 'c:1'],
    ],
    [
      'leaves backends out where there are more of them than chunks',
      1,
      [backendView({ id: 'a' }), backendView({ id: 'b' })],
      ['a:1'],
    ],
    ['fills a whole batch of a long queue', 40, [backendView()], ['a:16']],
    ['sends a second batch ahead where two more wait', 48, [backendView()], ['a:16', 'a:16']],
    ['keeps one chunk less than that back', 47, [backendView()], ['a:16']],
    [
      'sends a busy backend its second batch of a deep queue',
      32,
      [backendView({ inFlightBatches: 1 })],
      ['a:16'],
    ],
    ['sends a busy backend nothing of a short queue', 31, [backendView({ inFlightBatches: 1 })], []],
    [
      'sends nothing beyond the batches that may be in flight',
      1_000,
      [backendView({ inFlightBatches: 2 })],
      [],
    ],
    [
      'gives what is left to the idle one',
      12,
      [backendView({ id: 'a', inFlightBatches: 1 }), backendView({ id: 'b' })],
      ['b:12'],
    ],
  ])('%s', (_fact, queuedChunks, views, expected) => {
    expect(brief(queuedChunks, views)).toEqual(expected);
  });

  const views = fc
    .array(
      fc.record({
        inFlightBatches: fc.integer({ min: 0, max: 4 }),
        batchLimit: fc.integer({ min: 1, max: 256 }),
        maxInFlightBatches: fc.integer({ min: 1, max: 4 }),
      }),
      { maxLength: 8 },
    )
    .map((list) => list.map((given, i) => backendView({ ...given, id: `backend-${i}` })));
  const queued = fc.integer({ min: 0, max: 5_000 });
  const names = fc.constantFrom('least-work', 'least-connections', 'round-robin', 'ip-hash' as const);

  it('keeps every bound, whatever waits and whoever is there', () => {
    fc.assert(
      fc.property(queued, views, names, (queuedChunks, backends, name) => {
        const assignments = plan(queuedChunks, backends, strategyFor(name));
        const assigned = assignments.reduce((sum, { maxChunks }) => sum + maxChunks, 0);
        expect(assigned).toBeLessThanOrEqual(queuedChunks);
        for (const backend of backends) {
          const own = assignments.filter(({ backendId }) => backendId === backend.id);
          for (const { maxChunks } of own) {
            expect(maxChunks).toBeGreaterThanOrEqual(1);
            expect(maxChunks).toBeLessThanOrEqual(backend.batchLimit);
          }
          const bound = Math.max(backend.inFlightBatches, backend.maxInFlightBatches);
          expect(backend.inFlightBatches + own.length).toBeLessThanOrEqual(bound);
          // Only the first batch of an idle backend may leave a short queue.
          if (queuedChunks < 2 * backend.batchLimit) {
            expect(own.length).toBeLessThanOrEqual(backend.inFlightBatches === 0 ? 1 : 0);
          }
        }
      }),
      SEED,
    );
  });

  it('leaves no chunk behind while a backend is idle', () => {
    fc.assert(
      fc.property(queued, views, (queuedChunks, backends) => {
        const assignments = plan(queuedChunks, backends, leastWork);
        const left = assignments.reduce((rest, { maxChunks }) => rest - maxChunks, queuedChunks);
        const busy = new Set(assignments.map(({ backendId }) => backendId));
        const idle = backends.filter(({ id, inFlightBatches }) => inFlightBatches === 0 && !busy.has(id));
        expect(left === 0 || idle.length === 0).toBe(true);
      }),
      SEED,
    );
  });
});
