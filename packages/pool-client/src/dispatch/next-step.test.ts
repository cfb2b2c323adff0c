import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BatchFailureReason } from '../events.ts';
import { type BatchHistory, NO_HISTORY } from '../queue/batch.ts';
import { DEFAULT_RETRY, type FailedBatch, type NextStep, nextStep, type RetryOptions } from './next-step.ts';

const NOW_MS = 10_000;
const OPTIONS: RetryOptions = { maxAttempts: 3, baseDelayMs: 200, maxDelayMs: 1_000 };
const SEED = { seed: 20_260_103 };

const failedBatch = (given: Partial<FailedBatch> = {}): FailedBatch => ({
  reason: 'unavailable',
  backendId: 'a',
  retryAfterMs: undefined,
  chunks: 8,
  history: NO_HISTORY,
  controlPassed: false,
  anyServing: true,
  eligibleIds: ['a', 'b'],
  ...given,
});

/** Without the moment of the first failure, which is now in all of these. */
const step = (given: Partial<FailedBatch>, random = () => 0.5): NextStep => {
  const next = nextStep(failedBatch(given), OPTIONS, NOW_MS, random);
  if (!('history' in next)) return next;
  const { failedSinceMs, ...rest } = next.history;
  expect([undefined, NOW_MS]).toContain(failedSinceMs);
  return { ...next, history: rest };
};

const history = (given: Partial<BatchHistory> = {}): BatchHistory => ({
  ...NO_HISTORY,
  notBeforeMs: NOW_MS,
  ...given,
});

describe('nextStep', () => {
  it.each<[string, Partial<FailedBatch>, NextStep]>([
    [
      'goes to another backend at once',
      {},
      { kind: 'retry', history: history({ attempts: 1, triedBackendIds: ['a'] }) },
    ],
    [
      'goes back after a wait when all have failed with it',
      { history: history({ attempts: 1, triedBackendIds: ['b'] }) },
      { kind: 'retry', history: history({ attempts: 2, notBeforeMs: NOW_MS + 200 }) },
    ],
    [
      'waits as long as a full backend asked, and counts no attempt',
      { reason: 'overloaded', retryAfterMs: 700, eligibleIds: ['a'] },
      { kind: 'retry', history: history({ notBeforeMs: NOW_MS + 700 }) },
    ],
    [
      'does not wait for one backend while another is there',
      { reason: 'overloaded', retryAfterMs: 700 },
      { kind: 'retry', history: history({ triedBackendIds: ['a'] }) },
    ],
    ['gives up after the last attempt', { history: history({ attempts: 2 }) }, { kind: 'give-up' }],
    [
      'gives a timed-out batch whole to another backend',
      { reason: 'timeout' },
      { kind: 'retry', history: history({ attempts: 1, triedBackendIds: ['a'] }) },
    ],
    [
      'halves a timed-out batch that must go back where it timed out',
      { reason: 'timeout', eligibleIds: ['a'] },
      { kind: 'halve', history: history({ attempts: 1, notBeforeMs: NOW_MS + 100 }) },
    ],
    [
      'cannot halve a single timed-out chunk',
      { reason: 'timeout', eligibleIds: ['a'], chunks: 1 },
      { kind: 'retry', history: history({ attempts: 1, notBeforeMs: NOW_MS + 100 }) },
    ],
    [
      'searches a batch for its bad text, without counting an attempt',
      { reason: 'input', controlPassed: true, history: history({ attempts: 1, triedBackendIds: ['b'] }) },
      { kind: 'bisect', history: history({ attempts: 1 }) },
    ],
    [
      'takes a backend that refuses the harmless text too for a sick one',
      { reason: 'input' },
      { kind: 'retry', history: history({ attempts: 1, triedBackendIds: ['a'] }) },
    ],
    [
      'asks another backend about a text that was blamed alone for the first time',
      { reason: 'input', controlPassed: true, chunks: 1 },
      { kind: 'retry', history: history({ refusals: 1, triedBackendIds: ['a'] }) },
    ],
    [
      'refuses a text that was blamed alone twice',
      { reason: 'input', controlPassed: true, chunks: 1, history: history({ refusals: 1 }) },
      { kind: 'refuse-input' },
    ],
    [
      'sends what came with unusable vectors elsewhere',
      { reason: 'spoiled', controlPassed: true, chunks: 2 },
      { kind: 'retry', history: history({ attempts: 1, triedBackendIds: ['a'], spoiledBy: ['a'] }) },
    ],
    [
      'refuses a text that came with an unusable vector alone at every attempt',
      {
        reason: 'spoiled',
        controlPassed: true,
        chunks: 1,
        history: history({ attempts: 2, spoiledBy: ['b', 'a'] }),
      },
      { kind: 'refuse-input' },
    ],
    [
      'blames no text for an unusable vector of a backend that sends no other',
      { reason: 'spoiled', chunks: 1, history: history({ spoiledBy: ['b'] }) },
      { kind: 'retry', history: history({ attempts: 1, triedBackendIds: ['a'], spoiledBy: ['b'] }) },
    ],
    [
      'cuts up what broke two backends while a third serves',
      { reason: 'connection', eligibleIds: ['a', 'b', 'c'], history: history({ triedBackendIds: ['b'] }) },
      { kind: 'halve', history: history({ attempts: 1, triedBackendIds: ['b', 'a'] }) },
    ],
    [
      'halves a batch that is too large, whatever the control says',
      { reason: 'too-large' },
      { kind: 'halve', history: history() },
    ],
    [
      'takes a backend that finds the harmless text too large as well for a sick one',
      { reason: 'too-large', chunks: 1 },
      { kind: 'retry', history: history({ attempts: 1, triedBackendIds: ['a'] }) },
    ],
    [
      'cuts up nothing because of a full queue',
      {
        reason: 'overloaded',
        retryAfterMs: 700,
        eligibleIds: ['a', 'b', 'c'],
        history: history({ attempts: 1, triedBackendIds: ['b'] }),
      },
      { kind: 'retry', history: history({ attempts: 1, triedBackendIds: ['b', 'a'] }) },
    ],
    [
      'cuts nothing up because one backend failed with it twice',
      { reason: 'connection', history: history({ triedBackendIds: ['a'] }) },
      { kind: 'retry', history: history({ attempts: 1, triedBackendIds: ['a', 'a'] }) },
    ],
    [
      'cuts nothing up while no backend serves: the texts are not the reason',
      {
        reason: 'connection',
        anyServing: false,
        eligibleIds: ['a', 'b', 'c'],
        history: history({ triedBackendIds: ['b'] }),
      },
      { kind: 'retry', history: history({ attempts: 1, triedBackendIds: ['b', 'a'] }) },
    ],
    [
      'cannot cut up a single chunk that broke two backends',
      {
        reason: 'connection',
        chunks: 1,
        eligibleIds: ['a', 'b', 'c'],
        history: history({ triedBackendIds: ['b'] }),
      },
      { kind: 'retry', history: history({ attempts: 1, triedBackendIds: ['b', 'a'] }) },
    ],
    [
      'waits, too, where no backend may get work',
      { eligibleIds: [] },
      { kind: 'retry', history: history({ attempts: 1, notBeforeMs: NOW_MS + 100 }) },
    ],
    [
      'waits as long as it would by itself where the backend asks for less',
      { reason: 'overloaded', retryAfterMs: 40, eligibleIds: ['a'] },
      { kind: 'retry', history: history({ notBeforeMs: NOW_MS + 100 }) },
    ],
    [
      'gives up a text, too, that a sick backend refuses at the last attempt',
      { reason: 'input', chunks: 1, history: history({ attempts: 2, refusals: 1 }) },
      { kind: 'give-up' },
    ],
    [
      'searches on after the last attempt: a refusal is no attempt',
      { reason: 'input', controlPassed: true, history: history({ attempts: 2 }) },
      { kind: 'bisect', history: history({ attempts: 2 }) },
    ],
    [
      'halves on after the last attempt what is too large',
      { reason: 'too-large', history: history({ attempts: 2, triedBackendIds: ['b'] }) },
      { kind: 'halve', history: history({ attempts: 2 }) },
    ],
    [
      'cuts up what came with unusable vectors twice',
      {
        reason: 'spoiled',
        controlPassed: true,
        eligibleIds: ['a', 'b', 'c'],
        history: history({ attempts: 1, triedBackendIds: ['b'], spoiledBy: ['b'] }),
      },
      {
        kind: 'halve',
        history: history({ attempts: 2, triedBackendIds: ['b', 'a'], spoiledBy: ['b', 'a'] }),
      },
    ],
    [
      'remembers what a search cost and that it was rescued, and ties it to no other half any more',
      {
        reason: 'input',
        controlPassed: true,
        history: history({ searchMs: 7, rescued: true, bisection: Symbol('half') }),
      },
      { kind: 'bisect', history: history({ searchMs: 7, rescued: true }) },
    ],
    [
      'asks another backend about a text that is too large alone',
      { reason: 'too-large', chunks: 1, controlPassed: true },
      { kind: 'retry', history: history({ refusals: 1, triedBackendIds: ['a'] }) },
    ],
    [
      'refuses a text that was too large alone twice',
      {
        reason: 'too-large',
        chunks: 1,
        controlPassed: true,
        history: history({ refusals: 1, triedBackendIds: ['b'] }),
      },
      { kind: 'refuse-input' },
    ],
  ])('%s', (_fact, given, expected) => {
    expect(step(given)).toEqual(expected);
  });

  const reason = fc.constantFrom<BatchFailureReason>(
    'input',
    'spoiled',
    'too-large',
    'unavailable',
    'misconfigured',
    'bad-answer',
    'timeout',
    'connection',
  );

  it('ends every road but that of a full queue, which time ends: halves until one is left, and never sends more often than allowed', () => {
    const failures = fc.infiniteStream(
      fc.record({
        reason,
        controlPassed: fc.boolean(),
        backendId: fc.constantFrom('a', 'b'),
        random: fc.double({ min: 0, max: 0.999, noNaN: true }),
      }),
    );
    fc.assert(
      fc.property(
        failures,
        fc.integer({ min: 1, max: 256 }),
        fc.integer({ min: 1, max: 8 }),
        (stream, size, max) => {
          const options = { ...OPTIONS, maxAttempts: max };
          let chunks = size;
          let now: BatchHistory = NO_HISTORY;
          let counted = 0;
          for (let sends = 1; ; sends += 1) {
            // Halvings, two single refusals, and the attempts.
            expect(sends).toBeLessThanOrEqual(Math.ceil(Math.log2(size)) + 2 + max);
            const { random, ...failure } = stream.next().value;
            const next = nextStep(
              failedBatch({ ...failure, chunks, history: now }),
              options,
              NOW_MS,
              () => random,
            );
            if (next.kind === 'refuse-input' || next.kind === 'give-up') break;
            expect(next.history.attempts).toBeLessThan(max);
            expect(next.history.attempts - now.attempts).toBeLessThanOrEqual(1);
            counted = next.history.attempts;
            if (next.kind === 'halve' || next.kind === 'bisect') {
              expect(chunks).toBeGreaterThan(1);
              chunks = Math.ceil(chunks / 2);
            }
            now = next.history;
          }
          expect(counted).toBeLessThan(max);
        },
      ),
      SEED,
    );
  });

  it.each([
    [4_999, true],
    [5_000, false],
  ])('while no backend is in service it is patient for five seconds: %i ms', (sinceMs, goesOn) => {
    const tried = history({ attempts: 7, failedSinceMs: NOW_MS - sinceMs });
    const failed = failedBatch({ anyServing: false, eligibleIds: ['a'], history: tried });
    expect(nextStep(failed, OPTIONS, NOW_MS, () => 0.5).kind).toBe(goesOn ? 'retry' : 'give-up');
    expect(nextStep({ ...failed, anyServing: true }, OPTIONS, NOW_MS, () => 0.5).kind).toBe('give-up');
  });

  it('waits from nothing to the doubled delay and never beyond its bound', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 40 }),
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        (attempts, random) => {
          const next = nextStep(
            failedBatch({ eligibleIds: ['a'], history: history({ attempts }) }),
            { ...DEFAULT_RETRY, maxAttempts: 100 },
            NOW_MS,
            () => random,
          );
          if (next.kind !== 'retry') throw new Error(`expected a retry, got ${next.kind}`);
          const waitMs = next.history.notBeforeMs - NOW_MS;
          expect(waitMs).toBeGreaterThanOrEqual(0);
          expect(waitMs).toBeLessThanOrEqual(
            Math.min(DEFAULT_RETRY.maxDelayMs, DEFAULT_RETRY.baseDelayMs * 2 ** attempts),
          );
        },
      ),
      SEED,
    );
  });

  it('never waits longer than a bounded time, whatever a backend asks', () => {
    const next = step({ reason: 'overloaded', retryAfterMs: 86_400_000, eligibleIds: ['a'] });
    expect(next).toEqual({ kind: 'retry', history: history({ notBeforeMs: NOW_MS + 30_000 }) });
  });
});
