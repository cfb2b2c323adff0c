import { afterAll, beforeAll, expect, it } from 'vitest';
import { longCanary, shortCanaries } from '../../pool-client/src/identity/canary-texts.ts';
import { compareFingerprints } from '../../pool-client/src/identity/compare-fingerprints.ts';
import { type Fingerprint, fingerprintOf } from '../../pool-client/src/identity/fingerprint.ts';
import { type SessionThread, sessionThreads } from '../src/model/session-thread.ts';
import { realModel } from './model.ts';

// What the pool's identity guard sees of the real model, which reads 256 tokens.
let thread: SessionThread;
let whole: Fingerprint;
beforeAll(async () => {
  thread = await sessionThreads(await realModel(), { maxRunTexts: 16, groupByLength: false }).start();
  whole = await fingerprintOfTexts(shortCanaries, longCanary);
});
afterAll(() => thread.close());

async function embed(texts: readonly string[]): Promise<number[][]> {
  const json = await thread.embed({ texts, flat: false }, new AbortController().signal);
  return JSON.parse(Buffer.from(json).toString());
}

async function fingerprintOfTexts(short: readonly string[], long: string): Promise<Fingerprint> {
  const [longVector = []] = await embed([long]);
  return fingerprintOf(await embed(short), longVector);
}

/** As much as a server reads of the long canary whose limit is `maxTokens`: each word is one, and two stand around. */
const cutAt = (maxTokens: number) =>
  longCanary
    .split(' ')
    .slice(0, maxTokens - 2)
    .join(' ');

it('embeds the canaries alike alone and padded to each other', async () => {
  const alone = [];
  for (const text of shortCanaries) alone.push(...(await embed([text])));
  const verdict = compareFingerprints(fingerprintOf(alone, whole.long), whole, 'gpu-1');
  expect(verdict).toEqual({ kind: 'same', cosine: expect.closeTo(1, 5) });
});

it('shows a truncation at 128 tokens by the long canary, at a cosine of 0.689', async () => {
  const verdict = compareFingerprints(await fingerprintOfTexts(shortCanaries, cutAt(128)), whole, 'gpu-1');
  expect(verdict).toEqual({
    kind: 'different',
    cosine: expect.closeTo(0.689, 3),
    message: expect.stringMatching(
      /^embeds unlike gpu-1: other truncation: equal on short texts, cosine 0\.68/,
    ),
  });
});

it('takes one word of the long canary for one token', async () => {
  const verdict = compareFingerprints(await fingerprintOfTexts(shortCanaries, cutAt(256)), whole, 'gpu-1');
  expect(verdict).toEqual({ kind: 'same', cosine: expect.closeTo(1, 5) });
});

it('shows a prompt before each text', async () => {
  const prompted = shortCanaries.map((text) => `query: ${text}`);
  const verdict = compareFingerprints(await fingerprintOfTexts(prompted, longCanary), whole, 'gpu-1');
  expect(verdict).toMatchObject({
    kind: 'different',
    message: expect.stringContaining('another model, pooling or prompt'),
  });
});

it('reads the two of the case pair as the same text', () => {
  const [, mixed, lower] = whole.short;
  expect(mixed).toEqual(lower?.map((value) => expect.closeTo(value, 6)));
});
