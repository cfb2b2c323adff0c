import { describe, expect, it } from 'vitest';
import type { SendResult } from '../backend/exchange.ts';
import { vectorsOf } from '../job.test-support.ts';
import type { Job } from '../job.ts';
import { type Batch, textsOf } from '../queue/batch.ts';
import {
  answerTo,
  counts,
  emptied,
  type FakeBackend,
  fateOf,
  type Rig,
  rigOf,
  tenantsOf,
} from './aftermath.test-support.ts';
import { DEFAULT_RETRY } from './next-step.ts';

const [spoiledOnce, sick, tooLarge] = [
  { kind: 'spoiled', vectors: [...vectorsOf(1), undefined], message: 'a zero', durationMs: 1 },
  { kind: 'failed', reason: 'unavailable', message: 'HTTP 500: "x"', retryAfterMs: undefined, notUp: false },
  { kind: 'failed', reason: 'too-large', message: 'HTTP 413', retryAfterMs: undefined, notUp: false },
] as const;

describe('what comes after a batch', () => {
  /** Sends what waits to a backend, which answers so. */
  async function settle(rig: Rig, place: number, result: object, caredFor = false): Promise<Batch> {
    const fake = rig.fakes[place] as FakeBackend; // asked for by place
    const batch = rig.take(fake, 9);
    if (!batch) throw new Error('nothing may go there');
    // `as` holds: only its duration may be missing, and nobody reads that.
    await rig.aftermath.settle(fake.backend, batch, result as SendResult, caredFor);
    return batch;
  }
  const blames = ({ fakes }: Rig) => fakes.map(({ blamed }) => blamed);

  it('answers the right vectors of a spoiled answer, and sends the others elsewhere', async () => {
    const rig = rigOf([{ texts: ['a', 'b'] }]);
    await settle(rig, 0, spoiledOnce);
    expect([rig.jobs[0]?.isOpen(0), rig.jobs[0]?.isOpen(1), rig.queue.chunks]).toEqual([false, true, 1]);
    expect(rig.take(rig.fakes[0] as FakeBackend, 9)).toBeUndefined();
    expect(blames(rig)).toEqual([0, 0]);
    expect((await settle(rig, 1, answerTo(['b']))).chunks).toBe(1);
    expect(blames(rig)).toEqual([1, 0]);
    expect(rig.events).toEqual([
      { kind: 'chunks-settled', outcome: 'ok', chunks: 1 },
      { kind: 'retry', reason: 'spoiled', chunks: 1 },
      { kind: 'chunks-settled', outcome: 'ok', chunks: 1 },
    ]);
  });

  it('hands each job its own vectors', async () => {
    const rig = rigOf([{ texts: 2 }, { texts: 1 }, { texts: 3 }]);
    const vectors = vectorsOf(10, 11, 20, 30, 31, 32);
    await settle(rig, 0, { ...answerTo([]), vectors });
    const answers = await Promise.all(rig.jobs.map(({ settled }) => settled));
    expect(answers.map((answer) => answer.vectors)).toEqual([
      vectors.slice(0, 2),
      vectors.slice(2, 3),
      vectors.slice(3),
    ]);
  });

  it('asks a second backend about a chunk that a search has left over, and then no more', async () => {
    const rig = rigOf([{ texts: ['ok', 'bad'] }]);
    await settle(rig, 0, answerTo(['ok', 'bad']));
    await settle(rig, 0, answerTo(['ok']));
    expect(rig.take(rig.fakes[0] as FakeBackend, 9)).toBeUndefined();
    await settle(rig, 1, answerTo(['bad']));
    expect(await fateOf(rig.jobs[0] as Job)).toEqual(['answered', 'POOL_INPUT_REFUSED']);
  });

  it('concludes nothing from a half that another backend embeds than the one that refused both', async () => {
    const rig = rigOf([{ texts: ['a', 'b'] }]);
    await settle(rig, 0, answerTo(['bad']));
    await settle(rig, 1, answerTo(['a']));
    await settle(rig, 0, answerTo(['bad']));
    await settle(rig, 1, answerTo(['b']));
    expect(await fateOf(rig.jobs[0] as Job)).toEqual(['answered', 'answered']);
  });

  it('refuses a text whose vectors are unusable whoever is asked, and blames nobody', async () => {
    const rig = rigOf([{ texts: ['a'] }]);
    const spoiled = { ...spoiledOnce, vectors: [undefined] };
    for (let attempt = 0; attempt < DEFAULT_RETRY.maxAttempts; attempt += 1) {
      await rig.clock.advance(10_000);
      await settle(rig, attempt % 2, spoiled);
    }
    expect(await fateOf(rig.jobs[0] as Job)).toEqual(['POOL_INPUT_REFUSED']);
    expect(blames(rig)).toEqual([0, 0]);
  });

  it.each([
    ['refuses', answerTo(['bad'])],
    ['has no right vector for', { ...spoiledOnce, vectors: [undefined] }],
  ])('blames a backend that %s a text and embeds no other either', async (_fact, result) => {
    const rig = rigOf([{ texts: ['bad'] }], { probe: false });
    await settle(rig, 0, result);
    expect([blames(rig), rig.queue.chunks]).toEqual([[1, 0], 1]);
  });

  it('blames none for one unusable vector among right ones, and asks it nothing', async () => {
    const rig = rigOf([{ texts: 2 }], { probe: false });
    await settle(rig, 0, spoiledOnce);
    expect(blames(rig)).toEqual([0, 0]);
  });

  it('halves what is too large, and says so', async () => {
    const rig = rigOf([{ texts: 5 }]);
    await settle(rig, 0, tooLarge);
    const halves = [0, 1].map((place) => rig.take(rig.fakes[place] as FakeBackend, 9));
    expect(halves.map((half) => half && textsOf(half))).toEqual([
      ['0', '1', '2'],
      ['3', '4'],
    ]);
    expect(rig.events).toEqual([{ kind: 'retry', reason: 'too-large', chunks: 5 }]);
  });

  it.each([
    ['with what the backend said where it can be of one caller only', [{ texts: ['a'] }], 'HTTP 500: "x"'],
    ['without what it quoted where it may be of another', [{ texts: ['a'] }, { texts: ['b'] }], 'HTTP 500'],
  ])('gives up after the last attempt, %s', async (_fact, given, said) => {
    const rig = rigOf(given, { backends: 1 });
    for (let i = 0; i < DEFAULT_RETRY.maxAttempts; i += 1) await settle(rig, 0, sick);
    const { failures } = (await rig.jobs[0]?.settled) ?? { failures: [] };
    expect(failures.map(({ error }) => [error.code, error.message])).toEqual([
      ['POOL_BACKEND_FAILED', `${given.length} chunk(s) failed 5 times, last on b0: ${said}`],
    ]);
    expect(counts(rig)).toEqual(emptied(tenantsOf(rig)));
  });

  it('does nothing for chunks that are on their way elsewhere, but takes their vectors', async () => {
    const rig = rigOf([{ texts: 2 }, { texts: 1 }]);
    await settle(rig, 0, sick, true);
    expect([rig.queue.chunks, rig.events, blames(rig)]).toEqual([0, [], [0, 0]]);
    const late = rigOf([{ texts: 2 }]);
    await settle(late, 0, answerTo(['0', '1']), true);
    expect(late.jobs[0]?.done).toBe(true);
  });
});
