import { createServer } from 'node:net';
import { expectedVector, startSimulatedBackend } from '@forebay/testing';
import { describe, expect, it } from 'vitest';
import { djlApi, embed, MODEL, openaiApi, refusalOf, teiApi } from './apis.ts';
import { postJson } from './exchange.ts';
import { startGatewayUnderTest, startUnready } from './gateway-under-test.ts';
import { SOON } from './soon.ts';

const HELLO = { inputs: 'hello' };

it.each([
  `/predictions/${MODEL}`,
  `/predictions/${MODEL}/`,
  `/predictions/${MODEL}/1.0`,
  `/predictions/all%2DMiniLM%2DL6%2Dv2`,
  `/predictions/sentence-transformers%2F${MODEL}`,
  `/predictions/sentence-transformers/${MODEL}`,
  '/predictions/mini',
  '/predictions/acme%2Fmini',
  `/models/${MODEL}/invoke`,
  '/invocations',
  `/invocations?model_name=${MODEL}`,
  '/invocations?model_name=mini',
  `/predictions/${MODEL}?data=ignored&model_name=other`,
])('serves the one model under %s', async (path) => {
  await using backend = await startSimulatedBackend();
  await using gateway = await startGatewayUnderTest({
    DJL_URLS: backend.djlUrl,
    MODEL_ALIASES: `mini=${MODEL}`,
  });
  const answer = await postJson(`${gateway.origin}${path}`, HELLO);
  expect(JSON.parse(answer.text)).toEqual(expectedVector('hello'));
});

it.each([MODEL, `sentence-transformers/${MODEL}`, 'mini', 'acme/mini'])(
  'serves OpenAI callers that ask for %s, and shows the name that they asked for',
  async (model) => {
    await using backend = await startSimulatedBackend();
    await using gateway = await startGatewayUnderTest({
      DJL_URLS: backend.djlUrl,
      MODEL_ALIASES: `mini=${MODEL}`,
    });
    const { status, text } = await embed(gateway.origin, openaiApi, ['hello'], { more: { model } });
    expect({ status, model: JSON.parse(text).model }).toEqual({ status: 200, model });
  },
);

describe('with two models', () => {
  async function startBoth() {
    const backend = await startSimulatedBackend({ models: [MODEL, 'other'] });
    const gateway = await startGatewayUnderTest({ DJL_URLS: backend.url });
    return {
      gateway,
      url: gateway.origin,
      [Symbol.asyncDispose]: async () => {
        await gateway.stop();
        await backend.close();
      },
    };
  }

  it('finds both on a server without a path, and keeps their vectors apart', async () => {
    await using both = await startBoth();
    for (const model of [MODEL, 'other']) {
      for (const answer of [
        await postJson(`${both.url}/predictions/${model}`, HELLO),
        await postJson(`${both.url}/invocations?model_name=${model}`, HELLO),
        await postJson(`${both.url}/invocations`, HELLO, { headers: { model_name: model } }),
      ]) {
        expect(JSON.parse(answer.text)).toEqual(expectedVector('hello', { model }));
      }
      const tei = await embed(both.url, teiApi, 'hello', { headers: { model_name: model } });
      expect(JSON.parse(tei.text)).toEqual([expectedVector('hello', { model })]);
      const openai = await embed(both.url, openaiApi, 'hello', { more: { model } });
      expect(openaiApi.vectors(openai.text)).toEqual([expectedVector('hello', { model })]);
    }
  });

  it('asks for the name where a route has none, and lists them', async () => {
    await using both = await startBoth();
    const djl = refusalOf(djlApi, await postJson(`${both.url}/invocations`, HELLO));
    const tei = refusalOf(teiApi, await embed(both.url, teiApi, 'hello'));
    for (const message of [djl.message, tei.message]) {
      expect(message).toContain(MODEL);
      expect(message).toContain('other');
    }
    expect([djl.status, djl.word, tei.status, tei.word]).toEqual([
      400,
      'BadRequestException',
      422,
      'Validation',
    ]);
  });
});

describe('while no model is known', () => {
  it('holds any name until the server answers, then refuses the wrong one', async () => {
    await using backend = await startSimulatedBackend();
    await backend.kill();
    await using gateway = await startGatewayUnderTestAt(backend.url);
    const right = postJson(`${gateway.origin}/predictions/${MODEL}`, HELLO);
    const unnamed = postJson(`${gateway.origin}/invocations`, HELLO);
    const wrong = postJson(`${gateway.origin}/predictions/wrong`, HELLO);
    await expect.poll(() => gateway.pool.stats().heldJobs, SOON).toBe(3);
    await backend.revive();
    expect((await right).status).toBe(200);
    expect((await unnamed).status).toBe(200);
    expect(refusalOf(djlApi, await wrong)).toMatchObject({
      status: 404,
      word: 'ModelNotFoundException',
      message: expect.stringContaining(MODEL),
    });
  });

  it('holds a model of MODELS, and refuses others at once', async () => {
    await using gateway = await startGatewayUnderTestAt(await closedPort(), { MODELS: MODEL });
    expect((await postJson(`${gateway.origin}/predictions/other`, HELLO)).status).toBe(404);
    const headers = { 'x-request-timeout-ms': '100' };
    expect((await postJson(`${gateway.origin}/predictions/${MODEL}`, HELLO, { headers })).status).toBe(503);
  });
});

async function startGatewayUnderTestAt(server: string, env: Record<string, string> = {}) {
  const gateway = await startUnready({ DJL_URLS: server, ...env });
  await gateway.ready;
  return gateway;
}

/** A server's URL where nothing listens. */
async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number }; // it listens on a port
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
