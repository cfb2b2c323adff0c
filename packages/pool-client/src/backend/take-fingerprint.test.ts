import { ManualClock } from '@forebay/testing';
import { describe, expect, it } from 'vitest';
import { longCanary, shortCanaries } from '../identity/canary-texts.ts';
import { djl } from '../protocol/djl.ts';
import type { WireResponse } from '../protocol/protocol.ts';
import { TransportError, type TransportRequest } from '../wire/transport.ts';
import { BatchTimeouts } from './batch-timeouts.ts';
import { takeFingerprint } from './take-fingerprint.ts';

const json = (status: number, value: unknown): WireResponse => ({
  status,
  headers: {},
  body: Buffer.from(JSON.stringify(value)),
});

/** Tells texts apart: the place among the short canaries, 100 for the long one. */
const vectorOf = (text: string) => [1, text === longCanary ? 100 : shortCanaries.indexOf(text)];
const well = (texts: readonly string[]) => json(200, texts.map(vectorOf));
const tooLarge = json(413, { code: 413, type: 'PayloadTooLargeException', message: 'too large' });
const refused = json(400, { code: 400, type: 'TranslateException', message: 'too long' });
const broken = json(500, { code: 500, type: 'EngineException', message: 'broken' });

/** Takes the fingerprint of a backend; `sent` has the texts of each request by `vectorOf`'s second value. */
async function takenFrom(answer: (texts: readonly string[]) => WireResponse, maxBatch = 256) {
  const clock = new ManualClock(1_000);
  const closed = new AbortController().signal;
  const sent: unknown[] = [];
  const send = async ({ body = '' }: TransportRequest) => {
    const texts: string[] = JSON.parse(body).inputs;
    sent.push(texts.map((text) => vectorOf(text)[1]));
    return answer(texts);
  };
  const taken = await takeFingerprint(
    {
      clock,
      transport: { send, close: async () => undefined },
      protocol: djl,
      model: 'm',
      path: '/predictions/m',
      timeouts: new BatchTimeouts(clock, 100, closed),
      closed,
      verify: () => ({ message: 'compared with what it showed before', badIndices: [0] }),
    },
    maxBatch,
  );
  return { taken, sent };
}

const short = shortCanaries.map(vectorOf);
const whole = { kind: 'taken', fingerprint: { dimensions: 2, short, long: [1, 100] } };

const isLong = (texts: readonly string[]) => texts.includes(longCanary);

describe('takeFingerprint', () => {
  it.each([
    ['all short canaries at once where they may', 256, [[0, 1, 2, 3, 4, 5, 6], [100]]],
    ['all at once where just as many may', 7, [[0, 1, 2, 3, 4, 5, 6], [100]]],
    ['as many at once as may', 3, [[0, 1, 2], [3, 4, 5], [6], [100]]],
    ['one by one', 1, [[0], [1], [2], [3], [4], [5], [6], [100]]],
  ])('sends %s, and the long one alone', async (_fact, maxBatch, requests) => {
    expect(await takenFrom(well, maxBatch)).toEqual({ taken: whole, sent: requests });
  });

  it.each([
    ['three', 3, [[0, 1, 2, 3, 4, 5, 6], [0, 1, 2], [3, 4, 5], [6], [100]]],
    ['two', 2, [[0, 1, 2, 3, 4, 5, 6], [0, 1, 2], [0], [1], [2], [3], [4], [5], [6], [100]]],
  ])('halves what is too large for a server that takes %s', async (_fact, most, requests) => {
    const answer = (texts: readonly string[]) => (texts.length > most ? tooLarge : well(texts));
    expect(await takenFrom(answer)).toEqual({ taken: whole, sent: requests });
  });

  it.each([
    ['refused', refused],
    ['too large', tooLarge],
  ])('is taken, too, where the long canary is %s', async (_what, no) => {
    const { taken } = await takenFrom((texts) => (isLong(texts) ? no : well(texts)));
    expect(taken).toEqual({ kind: 'taken', fingerprint: { dimensions: 2, short, long: 'refused' } });
  });

  it.each<[string, (texts: readonly string[]) => WireResponse, object, number]>([
    ['a short canary is refused', () => refused, { kind: 'failed', reason: 'input' }, 1],
    ['a single short canary is too large', () => tooLarge, { kind: 'failed', reason: 'too-large' }, 3],
    ['the server is sick', () => broken, { kind: 'failed', reason: 'unavailable' }, 1],
    [
      'a vector of a short canary is unusable',
      (texts) =>
        json(
          200,
          texts.map((_, index) => (index === 4 ? [0, 0] : [1, index])),
        ),
      { kind: 'spoiled', message: 'Vector 4 of 7 has the norm 0' },
      1,
    ],
    [
      'vectors are missing',
      (texts) => json(200, texts.slice(1).map(vectorOf)),
      { kind: 'failed', reason: 'bad-answer' },
      1,
    ],
    [
      'the server falls sick over the long canary',
      (texts) => (isLong(texts) ? broken : well(texts)),
      { kind: 'failed', reason: 'unavailable' },
      2,
    ],
    [
      'the vector of the long canary is unusable',
      (texts) => (isLong(texts) ? json(200, [[0, 0]]) : well(texts)),
      { kind: 'spoiled', message: 'Vector 0 of 1 has the norm 0' },
      2,
    ],
    [
      'nobody listens',
      () => {
        throw new TransportError('connect', 'refused');
      },
      { kind: 'failed', reason: 'connection', notUp: true },
      1,
    ],
  ])('is not taken where %s', async (_fact, answer, result, requests) => {
    const { taken, sent } = await takenFrom(answer);
    expect(taken).toMatchObject({ kind: 'not taken', result });
    expect(sent.length).toBe(requests);
  });
});
