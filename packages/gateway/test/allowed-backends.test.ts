import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MODEL } from './apis.ts';
import { exchange, postJson } from './exchange.ts';
import { startUnready } from './gateway-under-test.ts';
import { SOON } from './soon.ts';

/** A port that counts who connects to it. */
async function startTrap() {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port, // it listens on a port
    connections: () => connections,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}

it('connects to no backend outside ALLOWED_BACKENDS, whichever source names it and however it is spelt', async () => {
  await using trap = await startTrap();
  const { port } = trap;
  const folder = await mkdtemp(join(tmpdir(), 'forebay-allowed-'));
  const file = join(folder, 'backends.json');
  const at = (host: string, path = `/predictions/${MODEL}`) => `http://${host}:${port}${path}`;
  await writeFile(file, JSON.stringify({ backends: [{ id: 'by-file', url: at('127.0.0.1') }] }));
  const list = createHttpServer((_, answer) => {
    answer.end(
      JSON.stringify({ backends: [{ id: 'by-list', url: at('127.0.0.1') }, { url: at('localhost', '') }] }),
    );
  });
  await new Promise<void>((resolve) => list.listen(0, '127.0.0.1', resolve));
  const listPort = (list.address() as AddressInfo).port; // it listens on a port
  const urls = ['127.0.0.1', 'localhost', '127.1', '0x7f000001', '[::ffff:127.0.0.1]'].map(
    (host, i) => `${at(host, `/predictions/m${i}`)}`,
  );
  await using gateway = await startUnready({
    ALLOWED_BACKENDS: '10.0.0.0/8',
    DJL_URLS: [...urls, at('127.0.0.1', ''), `dns+${at('localhost')}`].join(','),
    BACKENDS_FILE: file,
    BACKENDS_URL: `http://127.0.0.1:${listPort}/v1/backends`,
  });
  const problems = () => {
    const { problems, pendingSources, backends } = gateway.pool.stats();
    return JSON.stringify([problems, pendingSources, backends.map(({ lastProblem }) => lastProblem)]);
  };
  for (const word of ['by-file', 'by-list', 'dns', 'localhost resolves to']) {
    await expect.poll(problems, SOON).toContain(word);
  }
  for (const host of ['127.0.0.1', '127.1', '2130706433', '[::1]', '169.254.169.254']) {
    const added = await postJson(`${gateway.origin}/admin/backends`, { url: at(host) });
    expect(added.status).toBe(403);
  }
  await postJson(`${gateway.origin}/admin/backends`, { url: at('localhost'), id: 'by-hand' });
  const byHand = async () => (await exchange(`${gateway.origin}/admin/backends`)).text;
  await expect.poll(byHand, SOON).toMatch(/"by-hand".*outside the allowed/);
  expect(trap.connections()).toBe(0);
  list.closeAllConnections();
  list.close();
  await rm(folder, { recursive: true });
});
