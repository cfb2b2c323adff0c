import { expect, it } from 'vitest';
import { djlApi, embed, openaiApi, teiApi } from './apis.ts';
import { postJson } from './exchange.ts';
import { startGatewayUnderTest } from './gateway-under-test.ts';
import { rawVector, startRawBackend } from './raw-backend.ts';

/** The innermost lists of a body, as they stand there. */
function vectorsIn(text: string): readonly string[] {
  return text.match(/\[[^[\]]*\]/g) ?? [];
}

it('answers one text with exactly the bytes that the backend sent', async () => {
  await using backend = await startRawBackend();
  await using gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl });
  for (const text of ['a', 'b', 'Zürich 🜁', '']) {
    expect((await embed(gateway.origin, djlApi, text)).text).toBe(rawVector(text));
  }
});

it.each([djlApi, openaiApi, teiApi])(
  'keeps every byte of a list over several batches: $name',
  async (api) => {
    await using backend = await startRawBackend();
    await using other = await startRawBackend();
    await using gateway = await startGatewayUnderTest({ DJL_URLS: `${backend.djlUrl},${other.djlUrl}` });
    const texts = Array.from({ length: 300 }, (_, i) => `text ${i}`);
    const { text, headers } = await embed(gateway.origin, api, texts);
    expect(vectorsIn(api.name === 'openai' ? text.replace('"data":[', '') : text)).toEqual(
      texts.map(rawVector),
    );
    expect(Number(headers['x-forebay-batches'])).toBeGreaterThan(2);
  },
);

it('keeps every byte for callers that share batches', async () => {
  await using backend = await startRawBackend();
  await using gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl });
  const callers = Array.from({ length: 40 }, (_, caller) =>
    Array.from({ length: 1 + (caller % 5) }, (_, i) => `caller ${caller}, text ${i}`),
  );
  const answers = await Promise.all(callers.map((texts) => embed(gateway.origin, djlApi, texts)));
  expect(answers.map(({ text }) => vectorsIn(text))).toEqual(callers.map((texts) => texts.map(rawVector)));
  const shared = backend.seen.some(({ texts }) => new Set(texts.map((text) => text.split(',')[0])).size > 1);
  expect(shared).toBe(true);
});

it('passes neither headers nor query of a caller on', async () => {
  await using backend = await startRawBackend();
  await using gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl });
  await postJson(
    `${gateway.origin}${djlApi.path}?data=other&x-synchronous=false`,
    { inputs: 'a', parameters: { normalize: false } },
    {
      headers: {
        handler: 'other',
        'x-synchronous': 'false',
        authorization: 'Bearer secret',
        'x-api-key': 'secret',
        cookie: 'secret',
        'x-request-id': 'mine',
        'x-anything': 'at all',
      },
    },
  );
  const { url, headers, texts } = backend.seen.at(-1) ?? {};
  expect({ url, texts }).toEqual({ url: djlApi.path, texts: ['a'] });
  const expected = ['accept', 'connection', 'content-length', 'content-type', 'host', 'user-agent'];
  expect(Object.keys(headers ?? {}).filter((name) => !expected.includes(name))).toEqual([]);
});
