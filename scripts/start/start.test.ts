import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';

const START = fileURLToPath(new URL('../start.ts', import.meta.url));
const { version } = JSON.parse(
  readFileSync(new URL('../../packages/gateway/package.json', import.meta.url), 'utf8'),
);

const children = new Set<ChildProcess>();
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [START, ...args], {
    env: { PATH: process.env.PATH, HOME: '/nowhere', XDG_STATE_HOME: '/tmp', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let text = '';
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
  }
  const ended = once(child, 'close').then(([code]) => ({ code, text }));
  return {
    child,
    ended,
    async printed(what: string) {
      while (!text.includes(what)) await sleepFor(10);
    },
  };
}

it('is the gateway itself without --scale', async () => {
  expect(await start(['--version']).ended).toEqual({ code: 0, text: `${version}\n` });
  const gateway = start([], { BACKENDS_FILE: '/there/is/none' });
  await gateway.printed('listens on');
  gateway.child.kill('SIGTERM');
  expect((await gateway.ended).code).toBe(0);
});

it('passes on to the gateway what is not its own, and ends with it', async () => {
  expect(await start(['--', '--scale', '--version']).ended).toEqual({ code: 0, text: `${version}\n` });
  const wrong = await start(['--scale', '--nonsense']).ended;
  expect([wrong.code, wrong.text]).toEqual([2, expect.stringContaining('--nonsense')]);
});

it('says what stands against --scale', async () => {
  expect(await start(['--scale'], { BACKENDS_FILE: 'mine.json' }).ended).toEqual({
    code: 2,
    text: '--scale sets where backends come from: unset BACKENDS_FILE or start without --scale\n',
  });
});

it('says what is wrong with the file of the scaler before anything is started', async () => {
  const args = ['--scale', '--scaler-config', 'there-is-none.yaml'];
  const { code, text } = await start(args).ended;
  expect([code, text]).toEqual([1, expect.stringContaining('--config there-is-none.yaml cannot be read')]);
  expect(text).not.toContain('listens on');
});

it('refuses a limit of the environment that no group of the file takes', async () => {
  const args = ['--scale', '--scaler-config', fileURLToPath(new URL('programs/web.yaml', import.meta.url))];
  const { code, text } = await start(args, { MIN_INSTANCES: '1' }).ended;
  expect([code, text]).toEqual([1, expect.stringContaining('MIN_INSTANCES set up the group default')]);
});

it('starts with a file whose groups are not called default', async () => {
  const args = ['--scale', '--scaler-config', fileURLToPath(new URL('programs/web.yaml', import.meta.url))];
  const port = String(await freePort());
  const both = start(args, { SCALER_PORT: port, SCALER_STATE: ':memory:' });
  await both.printed('web.yaml says');
  const status = await fetch(`http://127.0.0.1:${port}/scaling/status`);
  expect(await status.json()).toMatchObject({
    min_instances: 0,
    max_instances: 3,
    groups: [{ name: 'web' }],
  });
  both.child.kill('SIGTERM');
  const { code, text } = await both.ended;
  expect([code, text]).toEqual([0, expect.stringMatching(/local backends as \S*web\.yaml says\n/)]);
});

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a pipe
  server.close();
  await once(server, 'close');
  return port;
}
