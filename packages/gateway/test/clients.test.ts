import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { expectedVector, type SimulatedBackend, startSimulatedBackend } from '@forebay/testing';
import { OpenAIEmbeddings } from '@langchain/openai';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MODEL } from './apis.ts';
import { type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';

const run = promisify(execFile);
const TEXTS = ['hello world', 'Zürich 🜁', 'a third'];
const float32 = (text: string) => expectedVector(text).map(Math.fround);

let backend: SimulatedBackend;
let gateway: GatewayUnderTest;

beforeAll(async () => {
  backend = await startSimulatedBackend({ faults: [{ kind: 'poison', marker: 'poison' }] });
  gateway = await startGatewayUnderTest(
    { DJL_URLS: backend.djlUrl, HOST: '0.0.0.0' },
    { keys: [{ key: 'sk-right', tenant: 'acme' }] },
  );
});

afterAll(async () => {
  await gateway.stop();
  await backend.close();
});

describe('the openai package', () => {
  const client = (apiKey = 'sk-right') =>
    new OpenAI({ baseURL: `${gateway.origin}/v1`, apiKey, maxRetries: 0 });

  it('embeds with its default, base64', async () => {
    const { data, model, usage } = await client().embeddings.create({ model: MODEL, input: TEXTS });
    expect(data.map(({ embedding }) => embedding)).toEqual(TEXTS.map(float32));
    expect(data.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect({ model, total: usage.total_tokens > 0 }).toEqual({ model: MODEL, total: true });
  });

  it('embeds with float, and one text', async () => {
    const { data } = await client().embeddings.create({
      model: MODEL,
      input: 'hello world',
      encoding_format: 'float',
    });
    expect(data.map(({ embedding }) => embedding)).toEqual([expectedVector('hello world')]);
  });

  it('lists models', async () => {
    const models = await client().models.list();
    expect(models.data.map(({ id }) => id)).toEqual([MODEL]);
  });

  it('throws its own errors, with code and param', async () => {
    const poison = client().embeddings.create({ model: MODEL, input: ['a', 'poison'] });
    await expect(poison).rejects.toThrow(OpenAI.BadRequestError);
    await expect(poison).rejects.toMatchObject({ status: 400, code: 'invalid_input', param: 'input[1]' });
    await expect(client('sk-wrong').embeddings.create({ model: MODEL, input: 'a' })).rejects.toThrow(
      OpenAI.AuthenticationError,
    );
    await expect(client().embeddings.create({ model: 'other', input: 'a' })).rejects.toThrow(
      OpenAI.NotFoundError,
    );
  });
});

it('serves OpenAIEmbeddings of LangChain', async () => {
  const embeddings = new OpenAIEmbeddings({
    model: `sentence-transformers/${MODEL}`,
    apiKey: 'sk-right',
    batchSize: 2,
    configuration: { baseURL: `${gateway.origin}/v1` },
  });
  expect(await embeddings.embedDocuments(TEXTS)).toEqual(TEXTS.map(float32));
  expect(await embeddings.embedQuery('hello world')).toEqual(float32('hello world'));
});

const hasCurl = spawnSync('curl', ['--version']).status === 0;

describe.skipIf(!hasCurl)('curl (skipped where it is not installed)', () => {
  const djlUrl = (key: string) => `${gateway.origin.replace('//', `//:${key}@`)}/predictions/${MODEL}`;

  it('embeds over DJL_URL with the key in it', async () => {
    const { stdout } = await run('curl', [
      '-sf',
      '-X',
      'POST',
      djlUrl('sk-right'),
      '-H',
      'Content-Type: application/json',
      '-d',
      JSON.stringify({ inputs: TEXTS }),
    ]);
    expect(JSON.parse(stdout)).toEqual(TEXTS.map((text) => expectedVector(text)));
  });

  it('checks health as the container does', async () => {
    const { stdout } = await run('curl', ['-f', '-s', `${gateway.origin}/ping`]);
    expect(JSON.parse(stdout)).toEqual({ [MODEL]: { status: 'Healthy' } });
  });

  it('sees the 413 to a body that it sends with Expect: 100-continue', async () => {
    const { stdout } = await run('sh', [
      '-c',
      `head -c 41943040 /dev/zero | curl -s -w '%{http_code}' -H 'content-type: application/json' --data-binary @- '${djlUrl('sk-right')}'`,
    ]);
    expect(stdout).toMatch(/"PayloadTooLargeException".*\n413$/s);
  });

  it('sees a 401 for a wrong key', async () => {
    const { stdout } = await run('curl', ['-s', '-w', '%{http_code}', '-d', '{}', djlUrl('sk-wrong')]);
    expect(stdout).toMatch(/"UnauthorizedException".*\n401$/s);
  });
});
