import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ModelFiles } from '../src/model/model-files.ts';
import { GRAPH_URL } from '../src/model/model-files.ts';
import { type SessionThread, sessionThreads } from '../src/model/session-thread.ts';
import { createTextTokenizer, MAX_TOKENS } from '../src/model/text-tokenizer.ts';
import { realModel } from './model.ts';

const reference: { texts: string[]; embeddings: number[][] } = JSON.parse(
  readFileSync(new URL('fixtures/reference-20.json', import.meta.url), 'utf8'),
);
const never = new AbortController().signal;
const RUNS = { maxRunTexts: 16, groupByLength: true };

let files: ModelFiles;
let thread: SessionThread;
beforeAll(async () => {
  files = await realModel();
  thread = await sessionThreads(files, RUNS).start();
});
afterAll(() => thread.close());

async function embed(texts: readonly string[]): Promise<number[][]> {
  return JSON.parse(Buffer.from(await thread.embed({ texts, flat: false }, never)).toString());
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

/** The smallest cosine of pairs in the same place. */
function agreement(some: readonly number[][], others: readonly number[][]): number {
  return Math.min(...some.map((vector, i) => cosine(vector, others[i] ?? [])));
}

it('agrees with sentence-transformers on 20 texts in one request, in order', async () => {
  expect(agreement(await embed(reference.texts), reference.embeddings)).toBeGreaterThanOrEqual(0.99999);
});

it('agrees with sentence-transformers on each text alone', async () => {
  const alone = [];
  for (const text of reference.texts) alone.push(...(await embed([text])));
  expect(agreement(alone, reference.embeddings)).toBeGreaterThanOrEqual(0.99999);
});

it('gives normalised vectors of 384 numbers, for empty and blank texts, broken surrogates and odd signs too', async () => {
  const vectors = await embed(['', '   \n', '\ud800', '\u0000', '🙃'.repeat(300), '[CLS]']);
  expect(vectors.map((vector) => vector.length)).toEqual([384, 384, 384, 384, 384, 384]);
  for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
});

it('cuts a text off after 256 tokens', async () => {
  const words = Array.from({ length: 400 }, (_, i) => (i % 2 ? 'water' : 'stone'));
  const [whole = [], cut = [], shorter = []] = await embed([
    words.join(' '),
    words.slice(0, MAX_TOKENS - 2).join(' '),
    words.slice(0, MAX_TOKENS - 3).join(' '),
  ]);
  expect(cosine(whole, cut)).toBeGreaterThan(0.999999);
  expect(cosine(whole, shorter)).toBeLessThan(0.999999);
});

it('reads of a long text only the beginning, and finds the same tokens', () => {
  const definition = JSON.parse(readFileSync(files.tokenizerPath, 'utf8'));
  const tokenize = createTextTokenizer(definition);
  const page = `${reference.texts.join(' ')}\n`.repeat(5); // below the first limit twice over, and beyond 256 tokens
  const expected = tokenize(page.slice(0, 4000));
  expect(expected.length).toBe(MAX_TOKENS);
  expect(tokenize(page.repeat(500))).toEqual(expected);
  expect(tokenize(`${' '.repeat(20_000)}${page.repeat(20)}`)).toEqual(expected);
  expect(tokenize('x'.repeat(50_000)).length).toBe(3);
});

it('gives the same vectors when the graph does not lie beside the weights', async () => {
  const apart = await sessionThreads(
    { ...files, graph: { kind: 'apart', path: GRAPH_URL.pathname } },
    RUNS,
  ).start();
  const json = await apart.embed({ texts: reference.texts, flat: false }, never);
  await apart.close();
  expect(dirname(files.weightsPath)).not.toBe(dirname(GRAPH_URL.pathname));
  expect(agreement(JSON.parse(Buffer.from(json).toString()), reference.embeddings)).toBeGreaterThanOrEqual(
    0.99999,
  );
});

it('gives the same vectors when unlike texts are padded to the longest', async () => {
  const together = await sessionThreads(files, { ...RUNS, groupByLength: false }).start();
  const json = await together.embed({ texts: reference.texts, flat: false }, never);
  await together.close();
  expect(agreement(JSON.parse(Buffer.from(json).toString()), reference.embeddings)).toBeGreaterThanOrEqual(
    0.99999,
  );
});

it('gives up a request that nobody waits for between two runs of the model', async () => {
  const caller = new AbortController();
  const long = Array.from({ length: 400 }, (_, i) => `${i} ${reference.texts.join(' ')}`);
  const left = thread.embed({ texts: long, flat: false }, caller.signal);
  caller.abort();
  await expect(left).rejects.toMatchObject({ code: 'BACKEND_ABORTED' });
  expect((await embed(['next'])).length).toBe(1);
});

it('says that a model cannot be loaded', async () => {
  const broken: ModelFiles = { ...files, graph: { kind: 'beside', path: files.tokenizerPath } };
  await expect(sessionThreads(broken, RUNS).start()).rejects.toMatchObject({
    code: 'BACKEND_SESSION_FAILED',
    message: expect.stringContaining('The model could not be loaded'),
  });
});
