import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApiKey } from './api-keys.ts';
import { KeyLimits } from './key-limits.ts';

function key(limits: Partial<ApiKey>): ApiKey {
  return { id: 'k', tenant: 't', weight: 1, maxPriority: 'interactive', ...limits };
}

describe('chunks per second', () => {
  it.each([
    ['a burst of ten seconds’ worth', [[100, 0]], undefined],
    [
      'one chunk more',
      [
        [100, 0],
        [1, 0],
      ],
      0.1,
    ],
    [
      'as many as came back',
      [
        [100, 0],
        [50, 5_000],
      ],
      undefined,
    ],
    [
      'one more than came back',
      [
        [100, 0],
        [51, 5_000],
      ],
      0.1,
    ],
    [
      'a second after an empty bucket',
      [
        [100, 0],
        [10, 1_000],
      ],
      undefined,
    ],
    [
      'a bucket that is never more than full',
      [
        [1, 0],
        [100, 9_999_999],
        [1, 9_999_999],
      ],
      0.1,
    ],
    ['a request larger than the bucket, once it is full', [[1_000, 0]], undefined],
    [
      'another large one at once',
      [
        [1_000, 0],
        [1_000, 0],
      ],
      10,
    ],
    [
      'another large one when the bucket is full again',
      [
        [1_000, 0],
        [1_000, 10_000],
      ],
      undefined,
    ],
  ] as const)('at 10 a second: %s', (_name, requests, retryAfterS) => {
    const limits = new KeyLimits();
    const [last] = requests
      .map(([chunks, nowMs]) => limits.admit(key({ chunksPerSecond: 10 }), chunks, nowMs))
      .slice(-1);
    if (retryAfterS === undefined) expect(last).toBeUndefined();
    else expect(last).toMatchObject({ kind: 'queue_full', retryAfterS: expect.closeTo(retryAfterS) });
  });

  it('admits after exactly the time that a refusal names', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 20_000 })), {
          minLength: 1,
          maxLength: 30,
        }),
        fc.integer({ min: 1, max: 50 }),
        (requests, chunksPerSecond) => {
          const limits = new KeyLimits();
          const limited = key({ chunksPerSecond });
          let nowMs = 0;
          for (const [chunks, waitMs] of requests) {
            nowMs += waitMs;
            const refused = limits.admit(limited, chunks, nowMs);
            if (refused?.kind !== 'queue_full') continue;
            nowMs += 1_000 * refused.retryAfterS + 0.001;
            expect(limits.admit(limited, chunks, nowMs)).toBeUndefined();
          }
        },
      ),
      { seed: 7 },
    );
  });

  it('never lets more through than the rate and one bucket, requests larger than a bucket aside', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 0, max: 3_000 })), {
          maxLength: 60,
        }),
        (requests) => {
          const limits = new KeyLimits();
          let nowMs = 0;
          let admitted = 0;
          for (const [chunks, waitMs] of requests) {
            nowMs += waitMs;
            if (!limits.admit(key({ chunksPerSecond: 10 }), chunks, nowMs)) admitted += chunks;
            expect(admitted).toBeLessThanOrEqual(100 + (10 * nowMs) / 1_000 + 1e-6);
          }
        },
      ),
      { seed: 7 },
    );
  });

  it('counts each key by itself', () => {
    const limits = new KeyLimits();
    expect(limits.admit(key({ id: 'a', chunksPerSecond: 1 }), 10, 0)).toBeUndefined();
    expect(limits.admit(key({ id: 'b', chunksPerSecond: 1 }), 10, 0)).toBeUndefined();
    expect(limits.admit(key({ id: 'a', chunksPerSecond: 1 }), 1, 0)).toBeDefined();
  });
});

describe('unanswered chunks', () => {
  it('are bounded for the tenant, whichever of its keys they came with', () => {
    const limits = new KeyLimits();
    const [a, b] = [key({ id: 'a', maxQueuedChunks: 10 }), key({ id: 'b', maxQueuedChunks: 10 })];
    expect(limits.admit(a, 6, 0)).toBeUndefined();
    expect(limits.admit(b, 5, 0)).toMatchObject({
      kind: 'queue_full',
      message: expect.stringMatching(/t has 6 .*5 more.*10/),
    });
    expect(limits.admit(b, 4, 0)).toBeUndefined();
    limits.settled(a, 6);
    expect(limits.admit(b, 6, 0)).toBeUndefined();
    expect(limits.admit(key({ tenant: 'other', maxQueuedChunks: 10 }), 10, 0)).toBeUndefined();
    expect(limits.admit(key({ maxQueuedChunks: 10 }), 11, 0)).toMatchObject({ kind: 'payload_too_large' });
  });

  it('of a refused request count neither here nor for the rate', () => {
    const limits = new KeyLimits();
    const both = key({ maxQueuedChunks: 5, chunksPerSecond: 1 });
    expect(limits.admit(both, 6, 0)).toBeDefined();
    expect(limits.admit(both, 5, 0)).toBeUndefined();
    limits.settled(both, 5);
    expect(limits.admit(both, 6, 0)).toBeDefined();
    expect(limits.admit(both, 5, 0)).toBeUndefined();
  });

  it('have no bound without a limit', () => {
    const limits = new KeyLimits();
    for (let i = 0; i < 100; i += 1) expect(limits.admit(key({}), 1_000_000, 0)).toBeUndefined();
  });
});
