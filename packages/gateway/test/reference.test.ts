import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** Twenty texts and what sentence-transformers (PyTorch) makes of them. */
const reference = JSON.parse(
  readFileSync(new URL('../../local-backend/test/fixtures/reference-20.json', import.meta.url), 'utf8'),
) as { readonly texts: readonly string[]; readonly embeddings: readonly (readonly number[])[] };

const MODEL = 'all-MiniLM-L6-v2';

let gateway: ChildProcess;
let url = '';

// The gateway as `start` runs it: a process with two local backends and the real model.
beforeAll(async () => {
  gateway = spawn(process.execPath, [fileURLToPath(new URL('../src/main.ts', import.meta.url))], {
    env: { ...process.env, PORT: '0', LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: gateway.stdout as Readable }); // a pipe, as asked for above
  await new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      url ||= /http:\S+/.exec(line)?.[0] ?? '';
      if (line.includes('ready:')) resolve();
    });
  });
}, 180_000);

afterAll(async () => {
  gateway.kill('SIGTERM');
  await once(gateway, 'exit');
});

async function post(path: string, body: unknown): Promise<string> {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  return response.text();
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
  return dot / (Math.hypot(...a) * Math.hypot(...b));
}

const { texts } = reference;

it.each<[string, () => Promise<readonly (readonly number[])[]>]>([
  ['DJL', async () => JSON.parse(await post(`/predictions/${MODEL}`, { inputs: texts }))],
  ['TEI', async () => JSON.parse(await post('/embed', { inputs: texts }))],
  [
    'OpenAI',
    async () => {
      const answer = JSON.parse(await post('/v1/embeddings', { model: MODEL, input: texts }));
      return answer.data.map(({ embedding }: { embedding: number[] }) => embedding);
    },
  ],
  [
    'OpenAI in base64',
    async () => {
      const answer = JSON.parse(
        await post('/v1/embeddings', { model: MODEL, input: texts, encoding_format: 'base64' }),
      );
      return answer.data.map(({ embedding }: { embedding: string }) => {
        const bytes = Buffer.from(embedding, 'base64');
        return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
      });
    },
  ],
])('the embeddings by way of %s equal the reference', async (_api, embed) => {
  const vectors = await embed();
  expect(vectors).toHaveLength(texts.length);
  const cosines = vectors.map((vector, i) => cosine(vector, reference.embeddings[i] ?? []));
  expect(Math.min(...cosines)).toBeGreaterThanOrEqual(0.99999);
});

it('counts the tokens of OpenAI callers with the tokenizer of the local backends', async () => {
  const response = await fetch(`${url}/v1/embeddings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: MODEL, input: 'hello world' }),
  });
  // [CLS] hello world [SEP]
  const { usage } = (await response.json()) as { readonly usage: unknown };
  expect(usage).toEqual({ prompt_tokens: 4, total_tokens: 4 });
  expect(response.headers.get('x-forebay-usage')).not.toBe('estimated');
});
