import { startSimulatedBackend } from '@forebay/testing';
import { describe, expect, it } from 'vitest';
import { type Api, apis, djlApi, embed, MODEL, refusalOf } from './apis.ts';
import { backendsFile } from './backends-file.ts';
import { type Exchange, oneConnection } from './exchange.ts';
import { startGatewayUnderTest } from './gateway-under-test.ts';
import { SOON } from './soon.ts';

const FULL = { djl: 'WlmCapacityException', openai: 'queue_full', tei: 'Overloaded' };
const FAILED = { djl: 'BackendException', openai: 'backend_failed', tei: 'Backend' };
const UNAVAILABLE = { djl: 'WlmException', openai: 'unavailable', tei: 'Unavailable' };
const TIMEOUT = { djl: 'TimeoutException', openai: 'timeout', tei: 'Timeout' };

function expectRefusals(
  answers: readonly Exchange[],
  status: number,
  words: Readonly<Record<Api['name'], string>>,
  retryAfter: boolean,
): void {
  const seen = answers.map((answer, i) => ({
    ...refusalOf(apis[i] as Api, answer), // one answer for each API
    retryAfterS: answer.headers['retry-after'],
  }));
  const expected = apis.map(({ name }) => ({
    status,
    word: words[name],
    message: expect.stringMatching(/\S/),
    retryAfterS: retryAfter ? expect.stringMatching(/^[1-9]\d*$/) : undefined,
  }));
  expect(seen).toEqual(expected);
}

describe.concurrent('in every dialect', () => {
  it('says 429 with Retry-After while the queue is full, and goes on with the connection', async ({
    expect,
  }) => {
    await using backend = await startSimulatedBackend();
    await using gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl, MAX_QUEUED_CHUNKS: '4' });
    backend.setFault({ kind: 'slow', extraMs: 700 });
    const four = (name: string) => Array.from({ length: 4 }, (_, i) => `${name} ${i}`);
    // Two batches are under way, one after the other has its turn, and four more chunks wait.
    const accepted: Promise<Exchange>[] = [];
    for (let i = 0; gateway.pool.stats().queuedChunks.default < 4; i += 1) {
      accepted.push(embed(gateway.origin, djlApi, four(`request ${i}`)));
      await expect.poll(() => gateway.pool.stats().openJobs, SOON).toBe(i + 1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const agents = apis.map(() => oneConnection());
    const refused = await Promise.all(
      apis.map((api, i) => embed(gateway.origin, api, ['one more'], { agent: agents[i] })),
    );
    expectRefusals(refused, 429, FULL, true);
    expect((await Promise.all(accepted)).map(({ status }) => status)).toEqual(accepted.map(() => 200));
    for (const [i, api] of apis.entries()) {
      const { status, reusedSocket } = await embed(gateway.origin, api, ['now'], { agent: agents[i] });
      expect({ status, reusedSocket }).toEqual({ status: 200, reusedSocket: true });
    }
    for (const agent of agents) agent.destroy();
  });

  it('says 413 to more texts than the queue could ever take', async ({ expect }) => {
    await using backend = await startSimulatedBackend();
    await using gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl, MAX_QUEUED_CHUNKS: '4' });
    const answer = await embed(gateway.origin, djlApi, ['1', '2', '3', '4', '5']);
    expect(refusalOf(djlApi, answer)).toMatchObject({ status: 413, message: expect.stringContaining('4') });
  });

  it('says 502 when the only backend fails all the time, and recovers with it', async ({ expect }) => {
    await using backend = await startSimulatedBackend();
    await using gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl });
    backend.setFault({ kind: 'error', error: 'internal-error' });
    expectRefusals(
      await Promise.all(apis.map((api) => embed(gateway.origin, api, ['a']))),
      502,
      FAILED,
      false,
    );
    backend.clearFaults();
    expect((await embed(gateway.origin, djlApi, ['b'])).status).toBe(200);
  });

  it('says 502 when the only backend is gone, and recovers when it is back', async ({ expect }) => {
    await using backend = await startSimulatedBackend();
    await using gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl });
    expect((await embed(gateway.origin, djlApi, ['a'])).status).toBe(200);
    await backend.kill();
    expectRefusals(
      await Promise.all(apis.map((api) => embed(gateway.origin, api, ['a']))),
      502,
      FAILED,
      false,
    );
    await backend.revive();
    expect((await embed(gateway.origin, djlApi, ['b'])).status).toBe(200);
  });

  it('says 503 with Retry-After when no backend came before the deadline', async () => {
    await using file = await backendsFile([]);
    await using gateway = await startGatewayUnderTest({ BACKENDS_FILE: file.path, MODELS: MODEL });
    const headers = { 'x-request-timeout-ms': '150' };
    const answers = await Promise.all(apis.map((api) => embed(gateway.origin, api, ['a'], { headers })));
    expectRefusals(answers, 503, UNAVAILABLE, true);
  });

  it('says 504 when a backend had the text and time is up', async ({ expect }) => {
    await using backend = await startSimulatedBackend();
    await using gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl });
    backend.setFault({ kind: 'slow', extraMs: 500 });
    const headers = { 'x-request-timeout-ms': '150' };
    const answers: Exchange[] = [];
    for (const api of apis) {
      // What was given up is still being worked on.
      await expect.poll(() => gateway.pool.stats().backends[0]?.inFlightChunks, SOON).toBe(0);
      answers.push(await embed(gateway.origin, api, ['a'], { headers }));
    }
    expectRefusals(answers, 504, TIMEOUT, false);
    backend.clearFaults();
    expect((await embed(gateway.origin, djlApi, ['b'])).status).toBe(200);
  });

  it('says 503 with Retry-After while it drains, and finishes what is under way', async ({ expect }) => {
    await using backend = await startSimulatedBackend();
    await using gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl });
    backend.setFault({ kind: 'slow', extraMs: 1_500 });
    const underWay = apis.map((api) => embed(gateway.origin, api, ['accepted before']));
    await expect.poll(() => gateway.pool.stats().openJobs, SOON).toBe(3);
    const stopped = gateway.stop();
    expectRefusals(
      await Promise.all(apis.map((api) => embed(gateway.origin, api, ['a']))),
      503,
      UNAVAILABLE,
      true,
    );
    expect((await Promise.all(underWay)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await stopped).toBe(0);
    await expect(embed(gateway.origin, djlApi, ['too late'])).rejects.toThrow('ECONNREFUSED');
  });
});

it.concurrent('gives up after REQUEST_TIMEOUT_MS without progress', async ({ expect }) => {
  await using backend = await startSimulatedBackend();
  await using gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl, REQUEST_TIMEOUT_MS: '200' });
  backend.setFault({ kind: 'slow', extraMs: 700 });
  expect((await embed(gateway.origin, djlApi, ['a'])).status).toBe(504);
});

it.concurrent('believes an own x-request-timeout-ms beyond REQUEST_TIMEOUT_MS', async ({ expect }) => {
  await using backend = await startSimulatedBackend();
  await using gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl, REQUEST_TIMEOUT_MS: '200' });
  backend.setFault({ kind: 'slow', extraMs: 500 });
  const headers = { 'x-request-timeout-ms': '20000' };
  expect((await embed(gateway.origin, djlApi, ['a'], { headers })).status).toBe(200);
});
