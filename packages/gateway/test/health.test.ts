import type { BackendSource } from '@forebay/pool-client';
import { startSimulatedBackend } from '@forebay/testing';
import { describe, it } from 'vitest';
import { djlApi, embed, MODEL } from './apis.ts';
import { exchange, oneConnection } from './exchange.ts';
import { startGatewayUnderTest, startUnready } from './gateway-under-test.ts';
import { SOON } from './soon.ts';

/** A source that lists nothing until it is told to. */
function silentSource() {
  let list: (url: string) => void = () => undefined;
  const source: BackendSource = {
    name: 'silent',
    run: (report, signal) =>
      new Promise((resolve) => {
        list = (url) =>
          report({
            kind: 'listed',
            complete: true,
            entries: [
              {
                id: 'one',
                url,
                model: MODEL,
                class: 'cpu',
                protocol: 'djl',
                maxBatch: 32,
                concurrency: 1,
                state: 'ready',
              },
            ],
          });
        signal.addEventListener('abort', () => resolve());
      }),
  };
  return { source, list: (url: string) => list(url) };
}

async function read(origin: string, path: string) {
  const { status, text } = await exchange(`${origin}${path}`);
  return { status, text };
}

const HEALTH = ['/readyz', '/ping', '/health'];

it.concurrent('is not ready while it starts, and alive', async ({ expect }) => {
  await using backend = await startSimulatedBackend();
  const { source, list } = silentSource();
  // As with local backends: ready with the first that is up.
  await using gateway = await startUnready({ DJL_URLS: backend.djlUrl }, { sources: [source] });
  const empty = await startUnready({ BACKENDS_FILE: '/nowhere/backends.json' }, { sources: [source] });
  for (const path of HEALTH) expect((await read(empty.origin, path)).status).toBe(503);
  expect(JSON.parse((await read(empty.origin, '/readyz')).text)).toMatchObject({ status: 'starting' });
  expect((await read(empty.origin, '/livez')).status).toBe(200);
  const stopped = empty.stop();
  expect(await empty.ready).toBe(false);
  await stopped;
  list(backend.djlUrl);
  expect(await gateway.ready).toBe(true);
});

it.concurrent('starts until the first backend of its own source is up', async ({ expect }) => {
  await using backend = await startSimulatedBackend();
  const { source, list } = silentSource();
  await using gateway = await startUnready(
    { BACKENDS_FILE: '/nowhere/backends.json' },
    { sources: [source], models: [MODEL] },
  );
  expect((await read(gateway.origin, '/readyz')).status).toBe(503);
  expect(JSON.parse((await read(gateway.origin, '/ping')).text)).toEqual({ [MODEL]: { status: 'PENDING' } });
  const held = embed(gateway.origin, djlApi, 'a');
  await expect.poll(() => gateway.pool.stats().heldJobs, SOON).toBe(1);
  list(backend.djlUrl);
  expect(await gateway.ready).toBe(true);
  expect((await held).status).toBe(200);
  for (const path of HEALTH) expect((await read(gateway.origin, path)).status).toBe(200);
});

it.concurrent('is ready when each source was tried, whatever came of it', async ({ expect }) => {
  await using gateway = await startUnready({ BACKENDS_FILE: '/nowhere/backends.json', MODELS: 'm' });
  expect(await gateway.ready).toBe(true);
  expect(await read(gateway.origin, '/ping')).toEqual({ status: 200, text: '{"m":{"status":"PENDING"}}\n' });
});

it.concurrent('is not ready while it drains, tells clients to go elsewhere, and stays alive', async ({
  expect,
}) => {
  await using backend = await startSimulatedBackend();
  await using gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl });
  backend.setFault({ kind: 'slow', extraMs: 1_500 });
  const underWay = embed(gateway.origin, djlApi, 'a');
  const agent = oneConnection();
  expect((await exchange(`${gateway.origin}/livez`, { agent })).status).toBe(200);
  await expect.poll(() => gateway.pool.stats().openJobs, SOON).toBe(1);
  const stopped = gateway.stop();
  for (const path of HEALTH) expect((await read(gateway.origin, path)).status).toBe(503);
  expect(JSON.parse((await read(gateway.origin, '/readyz')).text)).toMatchObject({ status: 'draining' });
  expect((await read(gateway.origin, '/livez')).status).toBe(200);
  const refused = await embed(gateway.origin, djlApi, 'b', { agent });
  expect({ status: refused.status, connection: refused.headers.connection }).toEqual({
    status: 503,
    connection: 'close',
  });
  expect(await underWay).toMatchObject({ status: 200, headers: { connection: 'close' } });
  expect(await stopped).toBe(0);
  agent.destroy();
});

it.concurrent('cuts off what is not done within the grace time, and says how many', async ({ expect }) => {
  await using backend = await startSimulatedBackend();
  await using gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl, SHUTDOWN_GRACE_MS: '100' });
  backend.setFault({ kind: 'hang' });
  const request = embed(gateway.origin, djlApi, 'a').catch(() => ({ status: 'cut off' }));
  await expect.poll(() => gateway.pool.stats().openJobs, SOON).toBe(1);
  expect(await gateway.stop()).toBe(1);
  expect([503, 'cut off']).toContain((await request).status);
});

describe.concurrent('what it says of itself', () => {
  it('in the words of DJL, OpenAI and TEI', async ({ expect }) => {
    await using backend = await startSimulatedBackend({ models: [MODEL, 'other/one'] });
    await using gateway = await startGatewayUnderTest({ DJL_URLS: backend.url });
    const json = async (path: string) => JSON.parse((await read(gateway.origin, path)).text);
    expect(await json('/ping')).toEqual({
      [MODEL]: { status: 'Healthy' },
      'other/one': { status: 'Healthy' },
    });
    expect(await json('/models')).toMatchObject({
      models: [
        { modelName: MODEL, status: 'Healthy' },
        { modelName: 'other/one', modelUrl: '/predictions/other%2Fone' },
      ],
    });
    expect(await json('/v1/models')).toEqual({
      object: 'list',
      data: [MODEL, 'other/one'].map((id) => ({
        id,
        object: 'model',
        created: 1_700_000_000,
        owned_by: 'forebay',
      })),
    });
    expect(await json('/info')).toMatchObject({ model_id: MODEL, max_client_batch_size: 10_000 });
    expect((await read(gateway.origin, '/health')).text).toBe('');
    expect(await json('/api/status')).toMatchObject({
      version: '0.0.0-test',
      state: 'ready',
      heldJobs: 0,
      backends: [{ state: 'serving' }, { state: 'serving' }],
    });
  });

  it('to HEAD requests as well', async ({ expect }) => {
    await using backend = await startSimulatedBackend();
    await using gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl });
    const answer = await exchange(`${gateway.origin}/readyz`, { method: 'HEAD' });
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: '' });
  });
});
