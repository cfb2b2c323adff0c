import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PoolError } from '../errors.ts';
import { vectorsOf } from '../job.test-support.ts';
import type { JobAnswer } from '../job.ts';
import { type EncodeStreamOptions, encodeStream, type StreamItem, type SubmitPart } from './encode-stream.ts';

const SEED = { seed: 20_260_107 };
const timing = { queueMs: 0, backendMs: 0, batches: 1 };

/** The vector of the text `7` is `[7]`; `bad` is refused. */
function answerTo(texts: readonly string[]): JobAnswer {
  const error = new PoolError('POOL_INPUT_REFUSED', 'bad text');
  return {
    vectors: texts.map((text) => (text === 'bad' ? undefined : vectorsOf(Number(text))[0])),
    failures: texts.flatMap((text, index) => (text === 'bad' ? [{ index, error }] : [])),
    timing,
  };
}

const atOnce: SubmitPart = async (texts) => answerTo(texts);

/** Lets everything happen that needs no timer. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => String(i));

async function all(
  texts: Iterable<string> | AsyncIterable<string>,
  options: EncodeStreamOptions = {},
  submit = atOnce,
): Promise<StreamItem<number[] | Float32Array>[]> {
  const items: StreamItem<number[] | Float32Array>[] = [];
  for await (const item of encodeStream(texts, options, submit)) items.push(item);
  return items;
}

/** A source that says how far it was read and whether it was closed. */
function watchedSource(count: number): {
  texts: Generator<string>;
  state: { read: number; closed: boolean };
} {
  const state = { read: 0, closed: false };
  function* texts(): Generator<string> {
    try {
      for (let i = 0; i < count; i += 1) {
        state.read += 1;
        yield String(i);
      }
    } finally {
      state.closed = true;
    }
  }
  return { texts: texts(), state };
}

describe('encodeStream', () => {
  it('gives every vector in order with its index, whatever the order of the answers', async () => {
    const waiting: (() => void)[] = [];
    const outOfOrder: SubmitPart = (texts) =>
      new Promise((resolve) => waiting.unshift(() => resolve(answerTo(texts))));
    const items = all(numbers(1_000), {}, outOfOrder);
    await settle();
    expect(waiting.length).toBeGreaterThan(10);
    while (waiting.length > 0) {
      for (const answer of waiting.splice(0)) answer();
      await settle();
    }
    expect(await items).toEqual(numbers(1_000).map((text, index) => ({ index, vector: [Number(text)] })));
  });

  it.each([[[]], [['1']]])('embeds the stream %j', async (texts) => {
    expect(await all(texts)).toEqual(texts.map((text, index) => ({ index, vector: [Number(text)] })));
  });

  it('gives single precision where it is asked for', async () => {
    expect(await all(['5'], { output: 'float32' })).toEqual([{ index: 0, vector: Float32Array.of(5) }]);
  });

  it('never reads more than its window ahead of its consumer, and all of it in the end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 0, max: 500 }),
        async (windowChunks, count) => {
          const { texts, state } = watchedSource(count);
          let consumed = 0;
          for await (const { index } of encodeStream(texts, { windowChunks }, atOnce)) {
            expect(index).toBe(consumed);
            expect(state.read - consumed).toBeLessThanOrEqual(windowChunks);
            consumed += 1;
          }
          expect(consumed).toBe(count);
        },
      ),
      { ...SEED, numRuns: 40 },
    );
  });

  it('waits for a consumer that takes its time', async () => {
    const { texts, state } = watchedSource(1_000);
    const stream = encodeStream(texts, { windowChunks: 100 }, atOnce);
    await stream.next();
    await settle();
    expect(state.read).toBe(100);
    for (let i = 1; i < 64; i += 1) await stream.next();
    await settle();
    expect(state.read).toBe(100);
    // The first part of 64 is read by now: there is room for as many.
    await stream.next();
    await settle();
    expect(state.read).toBe(164);
    await stream.return();
  });

  it('sends what a slow source has given without waiting for more', async () => {
    const sent: (readonly string[])[] = [];
    let more: (text: string) => void = () => undefined;
    async function* slow(): AsyncGenerator<string> {
      yield '0';
      yield '1';
      yield await new Promise<string>((resolve) => {
        more = resolve;
      });
    }
    const stream = encodeStream(slow(), {}, (texts) => {
      sent.push(texts);
      return Promise.resolve(answerTo(texts));
    });
    expect((await stream.next()).value).toEqual({ index: 0, vector: [0] });
    expect((await stream.next()).value).toEqual({ index: 1, vector: [1] });
    const third = stream.next();
    await settle();
    more('2');
    expect((await third).value).toEqual({ index: 2, vector: [2] });
    expect((await stream.next()).done).toBe(true);
    expect(sent.flat()).toEqual(['0', '1', '2']);
  });

  it('ends with the error of a failed chunk, after those before it', async () => {
    const stream = encodeStream(['0', 'bad', '2'], {}, atOnce);
    expect((await stream.next()).value).toEqual({ index: 0, vector: [0] });
    await expect(stream.next()).rejects.toMatchObject({ code: 'POOL_INPUT_REFUSED', failedIndices: [1] });
    expect((await stream.next()).done).toBe(true);
  });

  it('goes on behind a failed chunk where errors are items', async () => {
    const texts = [...numbers(100), 'bad', '101'];
    const items = await all(texts, { onError: 'yield' });
    expect(items.map((item) => ('error' in item ? item.error.failedIndices : item.vector))).toEqual([
      ...numbers(100).map((text) => [Number(text)]),
      [100],
      [101],
    ]);
    expect(items[100]).toMatchObject({ index: 100, error: { code: 'POOL_INPUT_REFUSED' } });
  });

  it('ends with what its source threw, after the vectors of what came before', async () => {
    async function* broken(): AsyncGenerator<string> {
      yield '0';
      yield '1';
      throw new RangeError('disk is gone');
    }
    const seen: number[] = [];
    const run = async () => {
      for await (const { index } of encodeStream(broken(), {}, atOnce)) seen.push(index);
    };
    await expect(run()).rejects.toThrow(new RangeError('disk is gone'));
    expect(seen).toEqual([0, 1]);
  });

  it('names the place of what is no string', async () => {
    const texts = [...numbers(99), 7 as unknown as string];
    await expect(all(texts)).rejects.toMatchObject({
      code: 'POOL_INVALID_INPUT',
      message: 'texts[99] must be a string, got number',
      failedIndices: [99],
    });
  });

  it('ends with a refusal of the pool', async () => {
    const full = new PoolError('POOL_QUEUE_FULL', 'full');
    await expect(all(numbers(3), {}, () => Promise.reject(full))).rejects.toBe(full);
  });

  it('gives up what is under way and closes its source when its loop ends early', async () => {
    const { texts, state } = watchedSource(1_000);
    const signals: AbortSignal[] = [];
    const submit: SubmitPart = (part, signal) => {
      signals.push(signal);
      return atOnce(part, signal);
    };
    for await (const { index } of encodeStream(texts, { windowChunks: 200 }, submit)) {
      await settle();
      if (index === 3) break;
    }
    await settle();
    expect(signals.length).toBeGreaterThan(0);
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
    expect(state).toEqual({ read: 200, closed: true });
  });

  it.each(['throw', 'yield'] as const)('ends at once when its caller gives up (%s)', async (onError) => {
    async function* silent(): AsyncGenerator<string> {
      yield '0';
      await new Promise(() => undefined);
    }
    const caller = new AbortController();
    const stream = encodeStream(silent(), { signal: caller.signal, onError }, atOnce);
    expect((await stream.next()).value).toEqual({ index: 0, vector: [0] });
    const next = stream.next();
    await settle();
    caller.abort(new Error('enough'));
    await expect(next).rejects.toMatchObject({ code: 'POOL_ABORTED', cause: new Error('enough') });
  });

  it('reads nothing for a caller that has given up before', async () => {
    const { texts, state } = watchedSource(10);
    await expect(all(texts, { signal: AbortSignal.abort(), onError: 'yield' })).rejects.toMatchObject({
      code: 'POOL_ABORTED',
    });
    expect(state.read).toBe(0);
  });

  it.each([0, -1, Number.NaN])('refuses a window of %d', async (windowChunks) => {
    await expect(all(['0'], { windowChunks })).rejects.toMatchObject({
      code: 'POOL_INVALID_OPTIONS',
      message: `windowChunks must be at least 1, got ${windowChunks}`,
    });
  });
});
