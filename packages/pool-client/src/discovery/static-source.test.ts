import { ManualClock } from '@forebay/testing';
import { expect, it, onTestFinished } from 'vitest';
import { parseBackendList } from './parse-backend-url.ts';
import { staticSource } from './static-source.ts';
import { brief, type FakeNetwork, watchSource } from './watched-source.test-support.ts';

const start = async (text: string, setUp?: (network: FakeNetwork) => void) => {
  const watched = watchSource(new ManualClock(), (dependencies) => staticSource(direct(text), dependencies));
  onTestFinished(watched.stop);
  setUp?.(watched.network);
  await watched.start();
  return watched;
};

it('knows its entries at once and asks nobody', async () => {
  const { latest, network, snapshots } = await start('http://127.0.0.1:1/predictions/m');
  expect(latest()).toEqual({ kind: 'listed', ids: ['127.0.0.1:1/m'], complete: true });
  expect([snapshots.length, network.asked.length]).toEqual([1, 0]);
});

it('is not complete until each server was asked for its models', async () => {
  const { snapshots } = await start('http://127.0.0.1:1/predictions/m,http://127.0.0.1:2', (network) =>
    network.serve('http://127.0.0.1:2', 'n', 'm'),
  );
  expect(snapshots.map(brief)).toEqual([
    { kind: 'listed', ids: ['127.0.0.1:1/m'], complete: false },
    { kind: 'listed', ids: ['127.0.0.1:1/m', '127.0.0.1:2/m', '127.0.0.1:2/n'], complete: true },
  ]);
});

it('says nothing while its only server is being asked, then that it is pending', async () => {
  const { snapshots, clock, latest } = await start('http://127.0.0.1:2', (network) =>
    network.answers.set('http://127.0.0.1:2/models', 'silent'),
  );
  expect(snapshots).toEqual([]);
  await clock.advance(3_000);
  expect(latest()).toEqual({
    kind: 'pending',
    reason: 'GET http://127.0.0.1:2/models gave no answer within 3000 ms',
  });
});

it('asks a failing server again after 250 ms, doubling up to 5 s, and from the start after an answer', async () => {
  const { clock, network } = await start('http://127.0.0.1:2');
  const url = 'http://127.0.0.1:2/models';
  const askedAtMs: number[] = [];
  for (let ms = 0; ms <= 25_000; ms += 250) {
    if (network.countOf(url) > askedAtMs.length) askedAtMs.push(ms);
    await clock.advance(250);
  }
  expect(askedAtMs).toEqual([0, 250, 750, 1_750, 3_750, 7_750, 12_750, 17_750, 22_750]);
  network.serve('http://127.0.0.1:2', 'm');
  await clock.advance(2_500); // 27,750
  network.answers.delete(url);
  await clock.advance(10_000);
  const before = network.countOf(url);
  await clock.advance(250);
  expect(network.countOf(url)).toBe(before + 1);
});

it('sees new models after 10 s, and keeps the last ones of a server that fails or lists none', async () => {
  const { clock, network, latest } = await start('http://127.0.0.1:2', (net) =>
    net.serve('http://127.0.0.1:2', 'm'),
  );
  network.serve('http://127.0.0.1:2', 'm', 'n');
  await clock.advance(9_999);
  expect(latest()).toEqual({ kind: 'listed', ids: ['127.0.0.1:2/m'], complete: true });
  await clock.advance(1);
  const both = { kind: 'listed', ids: ['127.0.0.1:2/m', '127.0.0.1:2/n'], complete: true };
  expect(latest()).toEqual(both);
  network.serve('http://127.0.0.1:2');
  await clock.advance(10_000);
  expect(latest()).toEqual({ ...both, problem: 'GET http://127.0.0.1:2/models lists no models' });
  network.answers.set('http://127.0.0.1:2/models', { status: 503, body: '' });
  await clock.advance(250);
  expect(latest()).toEqual({ ...both, problem: 'GET http://127.0.0.1:2/models answered 503' });
});

it('follows the pages of DJL, though not for ever', async () => {
  const { latest } = await start('http://127.0.0.1:2,http://127.0.0.1:3', ({ answers }) => {
    answers.set('http://127.0.0.1:2/models', {
      body: { models: [{ modelName: 'b' }], nextPageToken: '1' },
    });
    answers.set('http://127.0.0.1:2/models?next_page_token=1', { body: { models: [{ modelName: 'a' }] } });
    for (const query of ['', '?next_page_token=0']) {
      const body = { models: [{ modelName: 'c' }], nextPageToken: 0 };
      answers.set(`http://127.0.0.1:3/models${query}`, { body });
    }
  });
  expect(latest()).toEqual({
    kind: 'listed',
    ids: ['127.0.0.1:2/a', '127.0.0.1:2/b'],
    complete: true,
    problem: 'http://127.0.0.1:3 lists its models on more than 20 pages',
  });
});

it('asks OpenAI and TEI servers below their base path', async () => {
  const urls = 'http://127.0.0.1:2/api;protocol=openai,http://127.0.0.1:3/tei;protocol=tei';
  const { latest } = await start(urls, ({ answers }) => {
    answers.set('http://127.0.0.1:2/api/models', { body: { data: [{ id: 'm' }] } });
    answers.set('http://127.0.0.1:3/tei/info', { body: { model_id: 'org/m' } });
  });
  expect(latest()).toEqual({ kind: 'listed', ids: ['127.0.0.1:2/m', '127.0.0.1:3/org/m'], complete: true });
});

it('does not ask a server where no backend may be', async () => {
  const { latest, network, clock } = await start('http://169.254.169.254');
  await clock.advance(60_000);
  expect(network.asked).toEqual([]);
  expect(latest()).toMatchObject({
    kind: 'pending',
    reason: expect.stringContaining('169.254.169.254 is not in'),
  });
});

it('closes its connections when it is stopped, in the middle of a question too', async () => {
  const { network, stop, snapshots } = await start('http://127.0.0.1:2,http://127.0.0.1:3', (net) => {
    net.answers.set('http://127.0.0.1:2/models', 'silent');
  });
  expect(network.openTransports).toBe(2);
  await stop();
  expect([network.openTransports, snapshots.length]).toEqual([0, 0]);
});

function direct(text: string) {
  return parseBackendList(text).flatMap((target) => (target.kind === 'dns' ? [] : [target]));
}
