import { expectedVector, expectedVectorJson, startSimulatedBackend } from '@forebay/testing';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apis, djlApi, embed, MODEL, openaiApi, refusalOf } from './apis.ts';
import { startGatewayUnderTest } from './gateway-under-test.ts';

const PARTIAL = { headers: { 'x-forebay-partial': 'true' } };
const isPoison = (index: number) => index % 20 === 3;
const TEXTS = Array.from({ length: 60 }, (_, i) => (isPoison(i) ? `poison ${i}` : `text ${i}`));

let origin: string;
let end: () => Promise<void>;
beforeAll(async () => {
  const backend = await startSimulatedBackend({ faults: [{ kind: 'poison', marker: 'poison' }] });
  const gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl });
  origin = gateway.origin;
  end = async () => {
    await gateway.stop();
    await backend.close();
  };
});
afterAll(() => end());

describe.each(apis)('$name', (api) => {
  it('answers the texts that did not fail, and says which did', async () => {
    const answer = await embed(origin, api, TEXTS, PARTIAL);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'x-forebay-failed': '3,23,43', 'x-forebay-failed-count': '3' });
    expect(api.vectors(answer.text)).toEqual(
      TEXTS.map((text, index) => (isPoison(index) ? null : expectedVector(text))),
    );
    expect(answer.text).toContain(expectedVectorJson('text 4'));
  });

  it('fails as ever without the header', async () => {
    const answer = await embed(origin, api, TEXTS);
    expect(answer.headers['x-forebay-failed']).toBeUndefined();
    expect(refusalOf(api, answer)).toMatchObject({ message: expect.stringContaining(`${api.field}[`) });
  });

  it.each([[['poison']], ['poison']])('fails as ever where nothing is left of %j', async (inputs) => {
    const whole = refusalOf(api, await embed(origin, api, inputs));
    expect(refusalOf(api, await embed(origin, api, inputs, PARTIAL))).toEqual(whole);
    expect(whole.status).toBe(api.name === 'tei' ? 422 : 400);
  });

  it('answers as ever where nothing fails', async () => {
    const whole = await embed(origin, api, ['a', 'b']);
    const partial = await embed(origin, api, ['a', 'b'], PARTIAL);
    expect([partial.status, partial.text]).toEqual([200, whole.text]);
    expect(partial.headers).not.toHaveProperty('x-forebay-failed-count');
  });

  it('refuses another value of the header, by its name', async () => {
    const answer = await embed(origin, api, ['a'], { headers: { 'x-forebay-partial': 'false' } });
    const { status, message } = refusalOf(api, answer);
    expect(status).toBe(api.name === 'tei' ? 422 : 400);
    expect(message).toContain('x-forebay-partial');
  });
});

it('says to OpenAI callers why each failed', async () => {
  const { text } = await embed(origin, openaiApi, ['a', 'poison', 'b'], {
    ...PARTIAL,
    more: { encoding_format: 'base64' },
  });
  const { data, errors } = JSON.parse(text);
  expect(data.map(({ embedding }: { embedding: unknown }) => typeof embedding)).toEqual([
    'string',
    'object',
    'string',
  ]);
  expect(errors).toEqual([
    {
      index: 1,
      message: expect.stringMatching(/^input\[1\]: /),
      type: 'invalid_request_error',
      code: 'invalid_input',
    },
  ]);
});

it('is read by the openai package as floats, and not as the base64 that it asks for by itself', async () => {
  const client = new OpenAI({ apiKey: 'none', baseURL: `${origin}/v1`, maxRetries: 0 });
  const embedBy = (more: object) =>
    client.embeddings.create({ model: MODEL, input: ['a', 'poison'], ...more }, PARTIAL);
  const { data } = await embedBy({ encoding_format: 'float' });
  expect(data.map(({ embedding }) => embedding)).toEqual([expectedVector('a'), null]);
  await expect(embedBy({})).rejects.toThrow(TypeError);
});

it('answers what was ready when the time was up', async () => {
  await using backend = await startSimulatedBackend({ aMs: 20 });
  await using gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl });
  backend.setFault({ kind: 'hang', afterRequests: 2 });
  const texts = Array.from({ length: 100 }, (_, i) => `text ${i}`);
  const answer = await embed(gateway.origin, djlApi, texts, {
    headers: { ...PARTIAL.headers, 'x-request-timeout-ms': '500' },
  });
  const vectors: unknown[] = djlApi.vectors(answer.text);
  const failed = vectors.flatMap((vector, index) => (vector === null ? [index] : []));
  expect([answer.status, answer.headers['x-forebay-failed']]).toEqual([200, failed.join()]);
  expect(failed.length).toBeLessThan(100);
  expect(failed.length).toBeGreaterThan(0);
});
