import type { EmbedderPool, PoolEvent } from '@forebay/pool-client';
import type { ErrorName, Fault, SimulatedBackend } from '@forebay/testing';
import { expectedVector } from '@forebay/testing';
import { describe, expect, it } from 'vitest';
import {
  chunkSums,
  poolErrorOf,
  startBackend,
  startPool,
  startProvenPool,
  textsOf,
  timesComputed,
  until,
  wrongIndices,
} from './rig.ts';

const ERRORS: readonly ErrorName[] = [
  'translate-exception',
  'engine-failure',
  'model-not-found',
  'payload-too-large',
  'throttled',
  'internal-error',
  'queue-full',
  'not-ready',
  'out-of-memory',
];

/** What callers never notice while another backend is well, whatever is verified. */
const FAULTS: readonly [string, Fault][] = [
  ['silence', { kind: 'hang' }],
  ['resets', { kind: 'reset' }],
  ['slowness', { kind: 'slow', extraMs: 150 }],
  ...ERRORS.map((error): [string, Fault] => [`the error ${error}`, { kind: 'error', error }]),
  ['refusing everything', { kind: 'refuse-all' }],
  ['having no models yet', { kind: 'slow-start', forMs: 400, answer: 'not-ready' }],
  ['a closed port', { kind: 'slow-start', forMs: 400, answer: 'refused' }],
  ['a vector too many', { kind: 'wrong-count', by: 1 }],
  ['a vector too few', { kind: 'wrong-count', by: -1 }],
  ['NaN', { kind: 'not-a-number', value: 'NaN' }],
  ['null', { kind: 'not-a-number', value: 'null' }],
  ['other dimensions', { kind: 'wrong-dimensions', dimensions: 768, which: 'all' }],
  ['other dimensions in one vector', { kind: 'wrong-dimensions', dimensions: 100, which: 'one' }],
  ['a vector of zeros', { kind: 'zero-vector' }],
  ['half an answer', { kind: 'truncated' }],
  ['cut JSON', { kind: 'cut-json' }],
  ['broken JSON at the end', { kind: 'malformed-json', at: 'end' }],
  ['a bad /ping', { kind: 'ping', status: 'Unhealthy' }],
  ['now one thing, now another', { kind: 'reset', probability: 0.5 }],
];

/** What `fast` may let through in a vector that it did not look at. */
const FAULTS_FOR_FULL: readonly [string, Fault][] = [
  ['a dimension less in one vector', { kind: 'wrong-dimensions', dimensions: 383, which: 'one' }],
  ['broken JSON in the middle', { kind: 'malformed-json', at: 'middle' }],
];

/** One after the other several calls at once, so that the sick backend is asked again and again. */
async function encodeALot(pool: EmbedderPool): Promise<number> {
  let wrong = 0;
  for (let round = 0; round < 3; round += 1) {
    const calls = [0, 1, 2].map((call) => textsOf(40, `round ${round} call ${call}`));
    const answers = await Promise.all(calls.map((texts) => pool.encode(texts)));
    for (const [call, texts] of calls.entries()) wrong += wrongIndices(texts, answers[call] ?? []).length;
  }
  return wrong;
}

const retries = (events: readonly PoolEvent[]) => events.filter(({ kind }) => kind === 'retry').length;

describe('one of two backends has a fault', () => {
  it.each(FAULTS)('%s: callers get the right vectors', async (_fact, fault) => {
    const [well, sick] = [await startBackend({ aMs: 1 }), await startBackend({ aMs: 1 })];
    const { pool, events } = await startProvenPool([well, sick], { batchTimeoutMs: 250 });
    sick.setFault(fault);
    expect(await encodeALot(pool)).toBe(0);
    expect(chunkSums(events)).toEqual({ accepted: 360, ok: 360, error: 0, cancelled: 0 });
    // The fault struck: the sick one was asked, and what it spoiled was sent again.
    if (fault.kind !== 'slow' && fault.kind !== 'ping') expect(retries(events)).toBeGreaterThan(0);
  });

  it.each(FAULTS_FOR_FULL)(
    '%s: callers get the right vectors with full verification',
    async (_fact, fault) => {
      const [well, sick] = [await startBackend({ aMs: 1 }), await startBackend({ aMs: 1 })];
      const { pool, events } = await startProvenPool([well, sick], { verify: 'full' });
      sick.setFault(fault);
      expect(await encodeALot(pool)).toBe(0);
      expect(retries(events)).toBeGreaterThan(0);
    },
  );

  it('nobody can see vectors that changed places: each of them is right for some text', async () => {
    const backend = await startBackend();
    const { pool } = await startProvenPool([backend], { verify: 'full' });
    backend.setFault({ kind: 'swapped', index: 0 });
    const texts = textsOf(2);
    expect(await pool.encode(texts)).toEqual(texts.toReversed().map((text) => expectedVector(text)));
  });

  it('damage that fast verification let through is an error of its own chunk, never a wrong number', async () => {
    const backend = await startBackend();
    const { pool } = await startProvenPool([backend], { verify: 'fast', maxAttempts: 2 });
    // Every third vector of the batch is spoiled in the middle of its answer; one vector of each batch is looked at.
    backend.setFault({ kind: 'malformed-json', at: 'middle' });
    for (let i = 0; i < 4; i += 1) {
      const texts = textsOf(7, `try ${i}`);
      const error = await poolErrorOf(pool.encode(texts));
      expect(error.code).toBe('POOL_BACKEND_FAILED');
      expect(
        wrongIndices(texts, error.vectors.length > 0 ? error.vectors : texts.map(() => undefined)),
      ).toEqual(error.failedIndices);
    }
  });
});

describe('a poison text', () => {
  it.each([1, 2])('fails alone, with its index, over %i backends, and opens no breaker', async (count) => {
    const backends = await Promise.all(Array.from({ length: count }, () => startBackend()));
    const { pool, events } = await startProvenPool(backends);
    for (const backend of backends) backend.setFault({ kind: 'poison', marker: 'POISON' });
    const mine = [...textsOf(30), 'POISON 30', ...textsOf(30, 'between'), 'POISON 61', ...textsOf(5, 'end')];
    const others = textsOf(50, 'others');
    const [error, vectors] = await Promise.all([poolErrorOf(pool.encode(mine)), pool.encode(others)]);
    expect(error).toMatchObject({ code: 'POOL_INPUT_REFUSED', failedIndices: [30, 61], retryable: false });
    expect(error.message).toMatch(
      /^Chunk 30 was refused by .*, which embeds other texts: .* \(and 1 more of 67 chunks\)$/,
    );
    expect(wrongIndices(mine, error.vectors)).toEqual([30, 61]);
    expect(wrongIndices(others, vectors)).toEqual([]);
    expect(pool.stats().backends.map(({ state, breaker }) => [state, breaker])).toEqual(
      backends.map(() => ['serving', 'closed']),
    );
    expect(chunkSums(events)).toEqual({ accepted: 117, ok: 115, error: 2, cancelled: 0 });
  });

  it('opens no breaker however often it comes', async () => {
    const backend = await startBackend();
    const { pool, events } = await startProvenPool([backend]);
    backend.setFault({ kind: 'poison', marker: 'POISON' });
    for (let i = 0; i < 30; i += 1) {
      expect((await poolErrorOf(pool.encode([`POISON ${i}`]))).code).toBe('POOL_INPUT_REFUSED');
    }
    expect(events.filter(({ kind }) => kind === 'backend-changed')).toHaveLength(2);
    expect(pool.stats().backends).toMatchObject([{ state: 'serving' }]);
  });

  it('gives the whole job up where the caller asked for that', async () => {
    const backend = await startBackend();
    const { pool, events } = await startProvenPool([backend]);
    backend.setFault({ kind: 'poison', marker: 'POISON' });
    const { failures } = await pool.submit({ texts: [...textsOf(300), 'POISON'], onChunkError: 'abort' });
    expect(failures.at(-1)).toMatchObject({ index: 300, error: { code: 'POOL_INPUT_REFUSED' } });
    const { accepted, ok, error } = chunkSums(events);
    expect({ accepted, settled: (ok ?? 0) + (error ?? 0) }).toEqual({ accepted: 301, settled: 301 });
  });
});

describe('a good text', () => {
  const poison: Fault = { kind: 'poison', marker: 'POISON' };

  it.each<[string, readonly Fault[]]>([
    ['one backend fails with 400 right after it was well', [{ kind: 'error', error: 'engine-failure' }]],
    [
      'two of four spoil every other batch',
      [
        { kind: 'zero-vector', probability: 0.5 },
        { kind: 'zero-vector', probability: 0.5 },
      ],
    ],
  ])('is never taken for a bad one: %s', async (_fact, sick) => {
    const backends = await Promise.all(Array.from({ length: 4 }, () => startBackend({ aMs: 2 })));
    const { pool } = await startProvenPool(backends, { verify: 'full' });
    for (let round = 0; round < 3; round += 1) {
      for (const backend of backends) backend.setFault(poison);
      // So that each was asked just before whether it is well.
      await Promise.allSettled(Array.from({ length: 8 }, () => pool.encode(['POISON', 'a', 'b'])));
      for (const [index, fault] of sick.entries()) backends[index]?.setFault([poison, fault]);
      const calls = Array.from({ length: 10 }, (_, call) => textsOf(32, `${round} ${call}`));
      const answers = await Promise.all(calls.map((texts) => pool.encode(texts)));
      for (const [call, texts] of calls.entries())
        expect(wrongIndices(texts, answers[call] ?? [])).toEqual([]);
    }
  });
});

describe('a backend that refuses everything', () => {
  it('is taken for sick, not its texts for poison, and is ejected', async () => {
    const [well, sick] = [await startBackend({ aMs: 2 }), await startBackend({ aMs: 2 })];
    const { pool } = await startProvenPool([well, sick]);
    sick.setFault({ kind: 'refuse-all' });
    const stateOfSick = () => pool.stats().backends.find(({ url }) => url === sick.djlUrl)?.state;
    for (let i = 0; i < 40 && stateOfSick() !== 'ejected'; i += 1) {
      const texts = textsOf(40, `call ${i}`);
      expect(wrongIndices(texts, await pool.encode(texts))).toEqual([]);
    }
    expect(stateOfSick()).toBe('ejected');
    sick.clearFaults();
    await until(() => stateOfSick() === 'serving');
  });

  it('alone fails its callers as a failing backend', async () => {
    const sick = await startBackend();
    const { pool } = await startProvenPool([sick], { maxAttempts: 2 });
    sick.setFault({ kind: 'refuse-all' });
    expect(await poolErrorOf(pool.encode(textsOf(3)))).toMatchObject({
      code: 'POOL_BACKEND_FAILED',
      failedIndices: [0, 1, 2],
      retryable: true,
    });
  });
});

describe('a backend dies', () => {
  it('under load: no call fails, and no vector is wrong', async () => {
    const [stays, dies] = [await startBackend({ aMs: 2 }), await startBackend({ aMs: 2 })];
    const { pool, events } = await startProvenPool([stays, dies]);
    const calls = Array.from({ length: 30 }, (_, call) => textsOf(30, `call ${call}`));
    const answers = Promise.all(calls.map((texts) => pool.encode(texts)));
    await until(() => dies.counters.textsComputed > 30);
    await dies.kill();
    const vectors = await answers;
    expect(calls.flatMap((texts, call) => wrongIndices(texts, vectors[call] ?? []))).toEqual([]);
    expect(chunkSums(events)).toEqual({ accepted: 900, ok: 900, error: 0, cancelled: 0 });
  });

  it('and comes back: it is ejected, and gets work again', async () => {
    const [stays, dies] = [await startBackend({ aMs: 2 }), await startBackend({ aMs: 2 })];
    const { pool, events } = await startProvenPool([stays, dies]);
    const stateOf = ({ djlUrl }: SimulatedBackend) =>
      pool.stats().backends.find(({ url }) => url === djlUrl)?.state;
    await dies.kill();
    for (let i = 0; i < 40 && stateOf(dies) !== 'ejected'; i += 1)
      await pool.encode(textsOf(40, `call ${i}`));
    expect(stateOf(dies)).toBe('ejected');
    await dies.revive();
    await until(() => stateOf(dies) === 'serving');
    dies.resetCounters();
    await pool.encode(textsOf(100));
    expect(dies.counters.textsComputed).toBeGreaterThan(0);
    const states = events.flatMap((event) =>
      event.kind === 'backend-changed' && event.backendId.includes(`:${dies.port}/`) ? [event.state] : [],
    );
    expect(states.slice(-3)).toEqual(['ejected', 'half-open', 'serving']);
  });

  it('as the only one: calls fail after their attempts, saying what it said', async () => {
    const backend = await startBackend();
    const { pool } = await startProvenPool([backend], { maxAttempts: 2 });
    await backend.kill();
    const error = await poolErrorOf(pool.encode(['a']));
    expect(error.code).toBe('POOL_BACKEND_FAILED');
    expect(error.message).toMatch(/^1 chunk\(s\) failed 2 times, last on 127\.0\.0\.1:\d+\/.*ECONNREFUSED/);
  });

  it('is tried again in time: a call outlasts a short absence of the only backend', async () => {
    const backend = await startBackend();
    const { pool } = await startProvenPool([backend], { maxAttempts: 20 });
    await backend.kill();
    const texts = textsOf(20);
    const answer = pool.encode(texts);
    await until(() => pool.stats().backends[0]?.lastProblem !== null);
    await backend.revive();
    expect(wrongIndices(texts, await answer)).toEqual([]);
  });
});

describe('the only backend hangs', () => {
  it('and works on everything that waits within seconds of its return', async () => {
    const backend = await startBackend({ aMs: 2 });
    const { pool } = await startProvenPool([backend]);
    await pool.encode(textsOf(300, 'to learn'));
    backend.setFault({ kind: 'hang' });
    const texts = textsOf(600);
    const answer = pool.encode(texts);
    await until(() => pool.stats().backends.every(({ state }) => state === 'ejected'));
    backend.clearFaults();
    const clearedMs = performance.now();
    expect(wrongIndices(texts, await answer)).toEqual([]);
    // One probe may be on its way that is never answered.
    expect(performance.now() - clearedMs).toBeLessThan(5_000);
  });
});

describe('a batch that is too large', () => {
  it('is halved until it fits', async () => {
    const backend = await startBackend({ maxClientBatchSize: 3 });
    const { pool } = startPool({
      backends: [{ url: backend.url, protocol: 'tei', model: 'all-MiniLM-L6-v2' }],
    });
    const texts = textsOf(40);
    expect(wrongIndices(texts, await pool.encode(texts))).toEqual([]);
    expect(Math.max(...backend.counters.batchSizes)).toBeLessThanOrEqual(3);
    expect(texts.filter((text) => timesComputed([backend]).get(text) !== 1)).toEqual([]);
  });
});
