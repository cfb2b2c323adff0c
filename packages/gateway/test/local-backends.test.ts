import { fileURLToPath } from 'node:url';
import type { SourceSnapshot } from '@forebay/pool-client';
import { systemClock } from '@forebay/pool-client';
import { it } from 'vitest';
import { LocalBackends } from '../src/local-backends.ts';
import { makeLogger } from '../src/log.ts';
import { exchange } from './exchange.ts';
import { SOON } from './soon.ts';

const PROGRAM = fileURLToPath(new URL('./child-backend.ts', import.meta.url));

function start(count: number, command: readonly [string, ...string[]] = [process.execPath, PROGRAM]) {
  const snapshots: SourceSnapshot[] = [];
  const tokenizers: string[] = [];
  const stop = new AbortController();
  const source = new LocalBackends({
    count,
    command,
    env: { ...process.env, HOST: '0.0.0.0', PORT: '8080', MARK: 'mine' },
    clock: systemClock,
    log: makeLogger('fatal'),
    onTokenizer: (path) => tokenizers.push(path),
  });
  const ended = source.run((snapshot) => snapshots.push(snapshot), stop.signal);
  return {
    snapshots,
    tokenizers,
    entries: () => {
      const last = snapshots.at(-1);
      return last?.kind === 'listed' ? last.entries : [];
    },
    ended,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
    },
  };
}

async function askChild(url: string) {
  return JSON.parse((await exchange(new URL('/', url).href)).text);
}

it.concurrent('lists nothing first, then each backend that announced itself', async ({ expect }) => {
  await using local = start(2);
  expect(local.snapshots[0]).toEqual({ kind: 'listed', entries: [], complete: true });
  await expect.poll(() => local.entries().length, SOON).toBe(2);
  expect(local.entries().map(({ id }) => id)).toEqual(['local-1', 'local-2']);
  for (const { url, model, state, protocol } of local.entries()) {
    expect({ url, model, state, protocol }).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/predictions\/all-MiniLM-L6-v2$/),
      model: 'all-MiniLM-L6-v2',
      state: 'ready',
      protocol: 'djl',
    });
    expect(await askChild(url)).toMatchObject({ HOST: '127.0.0.1', PORT: '0', MARK: 'mine' });
  }
  expect(local.tokenizers).toEqual(['/some/tokenizer.json', '/some/tokenizer.json']);
});

it.concurrent('takes one that ended off the list, says so, and starts it again', async ({ expect }) => {
  await using local = start(2);
  await expect.poll(() => local.entries().length, SOON).toBe(2);
  const [dying, other] = local.entries();
  await exchange(new URL('/die', dying?.url).href).catch(() => 'it died');
  await expect
    .poll(() => local.snapshots.at(-1), SOON)
    .toMatchObject({
      kind: 'listed',
      entries: [{ id: 'local-2' }],
      problem: expect.stringContaining('1 of 2'),
    });
  await expect.poll(() => local.entries().length, SOON).toBe(2);
  const [again, still] = local.entries();
  expect(again?.url).not.toBe(dying?.url);
  expect(still?.url).toBe(other?.url);
  expect(local.snapshots.at(-1)).not.toHaveProperty('problem');
});

it.concurrent('ends its children with itself', async ({ expect }) => {
  const local = start(1);
  await expect.poll(() => local.entries().length, SOON).toBe(1);
  const { pid } = await askChild(local.entries()[0]?.url ?? '');
  await local[Symbol.asyncDispose]();
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

it.concurrent('lists nothing while its program cannot be started', async ({ expect }) => {
  await using local = start(1, ['/nowhere/forebay-local-backend']);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(local.entries()).toEqual([]);
  expect(local.snapshots.length).toBeGreaterThan(0);
});
