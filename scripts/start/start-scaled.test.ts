import { EventEmitter } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startScaled } from './start-scaled.ts';

const STAND_IN = fileURLToPath(new URL('programs/stand-in.mjs', import.meta.url));

/** Runs two stand-ins; `text` is what was printed so far. */
async function start(modes: { readonly gateway?: string; readonly scaler?: string } = {}) {
  const scalerPort = await freePort();
  const signals = new EventEmitter();
  let text = '';
  const command = (name: 'gateway' | 'scaler') =>
    [process.execPath, STAND_IN, name, ...(modes[name]?.split(' ') ?? [])] as const;
  const code = startScaled({
    gateway: command('gateway'),
    scaler: command('scaler'),
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: '0', SCALER_PORT: String(scalerPort) },
    cores: 2,
    stateFolder: '/nowhere',
    out: (part) => {
      text += part;
    },
    signals,
    sleep: (delayMs, signal) => sleepFor(delayMs, undefined, { signal }).catch(() => undefined),
    answers: (url) =>
      fetch(url).then(
        ({ ok }) => ok,
        () => false,
      ),
  });
  return {
    code,
    signals,
    scalerPort,
    text: () => text,
    lines: () => text.split('\n').filter((line) => /SIG|ended/.test(line)),
    async printed(what: string) {
      while (!text.includes(what)) await sleepFor(10);
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

const shown = (text: string, name: string) =>
  JSON.parse(new RegExp(`${name}: (\\{.*\\})`).exec(text)?.[1] ?? '{}');

it('tells each where the other is, and says where the scaler is once it is ready', async () => {
  const both = await start();
  await both.printed('/scaling/status');
  const gatewayUrl = /listens on (\S+)/.exec(both.text())?.[1];
  const scalerUrl = `http://127.0.0.1:${both.scalerPort}`;
  expect(shown(both.text(), 'gateway')).toEqual({
    HOST: '127.0.0.1',
    PORT: '0',
    BACKENDS_URL: `${scalerUrl}/v1/backends`,
  });
  expect(shown(both.text(), 'scaler')).toEqual({
    GATEWAY_URL: gatewayUrl,
    MIN_INSTANCES: '0',
    SCALER_ON_STOP: 'end',
  });
  expect(both.text()).toContain(`backends ${scalerUrl}/v1/backends`);
  expect(both.text()).toContain('0 to 2 local backends');
  both.signals.emit('SIGTERM');
  await both.code;
});

it.each(['SIGTERM', 'SIGINT'])('ends the gateway and then the scaler on %s, with 0', async (signal) => {
  const both = await start();
  await both.printed('/scaling/status');
  both.signals.emit(signal);
  expect(await both.code).toBe(0);
  expect(both.lines()).toEqual([
    'gateway: SIGTERM 1',
    'gateway: ended',
    'scaler: SIGTERM 1',
    'scaler: ended',
  ]);
});

it('passes a second signal to the one that is ending', async () => {
  const both = await start({ gateway: 'deaf-once' });
  await both.printed('/scaling/status');
  both.signals.emit('SIGINT');
  await both.printed('gateway: SIGTERM 1');
  both.signals.emit('SIGINT');
  expect(await both.code).toBe(1);
  expect(both.lines()).toEqual([
    'gateway: SIGTERM 1',
    'gateway: SIGTERM 2',
    'gateway: ended',
    'scaler: SIGTERM 1',
    'scaler: ended',
  ]);
});

it.each([
  { ends: '7', code: 7 },
  { ends: '0', code: 1 },
])('ends the gateway when the scaler ended with $ends, and with $code', async ({ ends, code }) => {
  const both = await start({ scaler: `ends-with ${ends}` });
  expect(await both.code).toBe(code);
  expect(both.lines()).toEqual([
    `the scaler ended with exit code ${ends}: ending the gateway`,
    'gateway: SIGTERM 1',
    'gateway: ended',
  ]);
});

it('starts no scaler when the gateway ends before it listens', async () => {
  const both = await start({ gateway: 'ends-with 3' });
  expect(await both.code).toBe(3);
  expect(both.text()).not.toContain('scaler:');
});

it('passes a hangup to the gateway', async () => {
  const both = await start();
  await both.printed('/scaling/status');
  both.signals.emit('SIGHUP');
  await both.printed('gateway: SIGHUP');
  both.signals.emit('SIGTERM');
  expect(await both.code).toBe(0);
});
