import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startSimulatedBackend } from '@forebay/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nodeDocumentation } from '../corpus.ts';
import { embedBoth } from '../embed-corpus.ts';
import { startGateway } from './start-gateway.ts';

const example = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const run = promisify(execFile);

let gateway = '';
let stop: () => Promise<void> = async () => undefined;

beforeAll(async () => {
  ({ url: gateway, stop } = await startGateway());
});

afterAll(() => stop());

const env = () => ({ ...process.env, DJL_URLS: `${gateway}/predictions/all-MiniLM-L6-v2` });

it('encode.ts finds the question nearer to the login than to the dam', async () => {
  const { stdout } = await run(process.execPath, [example('encode.ts')], { env: env() });
  const [login, dam] = [...stdout.matchAll(/: +(-?[\d.]+)/g)].map(([, number]) => Number(number));
  expect(login).toBeGreaterThan(0.4);
  expect(dam).toBeLessThan(0.2);
});

it('stream-file.ts writes one vector for each line, in order', async () => {
  const { stdout } = await run(process.execPath, [example('stream-file.ts'), example('corpus.ts')], {
    env: env(),
    maxBuffer: 2 ** 26,
  });
  const items = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { index: number; vector: number[] });
  expect(items.map(({ index }) => index)).toEqual(items.map((_, i) => i));
  expect(new Set(items.map(({ vector }) => vector.length))).toEqual(new Set([384]));
});

it('partial-answers.ts writes the vectors of the lines that are not refused, and says why the others are', async () => {
  await using backend = await startSimulatedBackend({ faults: [{ kind: 'poison', marker: 'spawn' }] });
  await using sieve = await startGateway({ DJL_URLS: backend.djlUrl });
  const lines = readFileSync(example('test/examples.test.ts'), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const args = [example('partial-answers.ts'), example('test/examples.test.ts')];
  const { stdout, stderr } = await run(process.execPath, args, {
    env: { ...process.env, GATEWAY_URL: sieve.url },
    maxBuffer: 2 ** 26,
  });
  const written = stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { index: number }).index);
  const refused = [...stderr.matchAll(/^invalid_input: input\[(\d+)\]/gm)].map(([, index]) => Number(index));
  const hasMarker = (index: number) => lines[index]?.includes('spawn') === true;
  const indices = [...lines.keys()];
  expect({ written, refused }).toEqual({
    written: indices.filter((index) => !hasMarker(index)),
    refused: indices.filter(hasMarker),
  });
  expect(refused.length).toBeGreaterThan(1);
});

it('a real corpus of 5,000 chunks gets the same vectors, in order, through the gateway and through the library', async () => {
  const texts = nodeDocumentation().slice(0, 5_000);
  expect(texts).toHaveLength(5_000);
  const seen: Record<string, number[]> = { gateway: [], library: [] };
  const result = await embedBoth(gateway, texts, (road, done) => seen[road]?.push(done));
  console.log(result);
  expect(result.lowestCosine).toBeGreaterThan(0.99999);
  for (const road of ['gateway', 'library']) {
    expect(seen[road]).toEqual(seen[road]?.toSorted((a, b) => a - b));
    expect(seen[road]?.at(-1)).toBe(5_000);
  }
}, 600_000);
