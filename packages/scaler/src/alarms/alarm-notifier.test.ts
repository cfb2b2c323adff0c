import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { ManualClock } from '@forebay/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { type Clock, systemClock } from '../clock.ts';
import { makeLogger } from '../log.ts';
import { type AlarmChange, highCpuAlarm } from './alarm.ts';
import { AlarmNotifier } from './alarm-notifier.ts';
import { AlarmSender } from './alarm-sender.ts';
import { webhookSink } from './webhook-sink.ts';

const change: AlarmChange = {
  settings: highCpuAlarm('small'),
  from: 'OK',
  state: { name: 'ALARM', sinceMs: 1_800_000_000_000, because: 'it is hot' },
};

// Minutes of the clock are seconds of a busy machine.
vi.setConfig({ testTimeout: 20_000 });

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

/** A receiver that answers with these statuses in turn, the last for ever; `hang` never does. */
async function startReceiver(...answers: readonly (number | 'hang')[]) {
  const bodies: unknown[] = [];
  server = createServer(async (request, response) => {
    bodies.push(await json(request));
    const answer = answers[Math.min(bodies.length, answers.length) - 1];
    if (typeof answer === 'number')
      response.writeHead(answer, { location: '/elsewhere' }).end('x'.repeat(9_999));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a pipe
  return { bodies, webhookUrl: `http://127.0.0.1:${port}/services/secret?token=secret` };
}

function notifierWith({ webhookUrl, clock = systemClock }: { webhookUrl?: string; clock?: Clock }) {
  const lines: { readonly level: number; readonly msg: string }[] = [];
  const log = makeLogger('info', { write: (line) => void lines.push(JSON.parse(line)) });
  const senders =
    webhookUrl === undefined ? [] : [new AlarmSender({ sink: webhookSink(webhookUrl), log, clock })];
  return { lines, notifier: new AlarmNotifier({ log, senders }) };
}

/** Moves the clock while sockets do what they do. */
async function passes(clock: ManualClock, until: () => boolean): Promise<void> {
  await expect
    .poll(
      async () => {
        await clock.advance(500);
        return until();
      },
      { timeout: 10_000, interval: 5 },
    )
    .toBe(true);
}

it('logs a change and posts it', async () => {
  const { bodies, webhookUrl } = await startReceiver(204);
  const { lines, notifier } = notifierWith({ webhookUrl });
  notifier.notify(change);
  await expect
    .poll(() => bodies)
    .toEqual([
      {
        alarm: 'small-high-cpu',
        group: 'small',
        signal: 'cpu_percent',
        state: 'ALARM',
        previous_state: 'OK',
        reason: 'it is hot',
        comparison: 'above',
        threshold: 80,
        periods: 2,
        period_seconds: 300,
        at: '2027-01-15T08:00:00.000Z',
      },
    ]);
  await notifier.close();
  expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
    [40, 'Alarm small-high-cpu went from OK to ALARM: it is hot'],
  ]);
});

it('only logs where there is no webhook', async () => {
  const { lines, notifier } = notifierWith({});
  notifier.notify({ ...change, from: 'ALARM', state: { ...change.state, name: 'OK' } });
  await notifier.close();
  expect(lines).toMatchObject([{ level: 30, state: 'OK', previous_state: 'ALARM' }]);
});

it('tells a receiver that is away for a minute', async () => {
  const clock = new ManualClock();
  const { bodies, webhookUrl } = await startReceiver(503, 503, 503, 503, 200);
  const { lines, notifier } = notifierWith({ webhookUrl, clock });
  notifier.notify(change);
  await passes(clock, () => bodies.length === 5);
  expect(clock.nowMs()).toBeGreaterThan(60_000);
  await notifier.close();
  expect(lines).toHaveLength(1);
});

it('tries again after faults, in the order of the changes', async () => {
  const clock = new ManualClock();
  const { bodies, webhookUrl } = await startReceiver(500, 429, 200, 200);
  const { lines, notifier } = notifierWith({ webhookUrl, clock });
  notifier.notify(change);
  notifier.notify({ ...change, settings: highCpuAlarm('large') });
  await passes(clock, () => bodies.length === 4);
  expect(bodies.map((body) => (body as { readonly group: string }).group)).toEqual([
    'small',
    'small',
    'small',
    'large',
  ]);
  await notifier.close();
  expect(lines).toHaveLength(2);
});

it.each([
  ['that only fails', [503], 5, '5 tries: it answered 503'],
  ['that refuses', [400], 1, '1 try: it answered 400'],
  ['that sends elsewhere', [302], 1, '1 try: it answered 302'],
  ['that never answers', ['hang'], 5, '5 tries: no answer in 5000 ms'],
] as const)(
  'gives up on a receiver %s, without its secrets in the log',
  async (_name, answers, tries, says) => {
    const clock = new ManualClock();
    const { bodies, webhookUrl } = await startReceiver(...answers);
    const { lines, notifier } = notifierWith({ webhookUrl, clock });
    notifier.notify(change);
    await passes(clock, () => lines.length === 2);
    const { host } = new URL(webhookUrl);
    expect([bodies.length, lines[1]?.msg]).toEqual([
      tries,
      `Alarm small-high-cpu was not taken by ${host} in ${says}`,
    ]);
    expect(JSON.stringify(lines)).not.toContain('secret');
    await notifier.close();
  },
);

it('gives up on a receiver that is not there', async () => {
  const clock = new ManualClock();
  const { webhookUrl } = await startReceiver(200);
  server?.close();
  const { lines, notifier } = notifierWith({ webhookUrl, clock });
  notifier.notify(change);
  await passes(clock, () => lines.length === 2);
  expect(lines[1]?.msg).toContain('in 5 tries: ECONNREFUSED');
  await notifier.close();
});

it('closes at once while a receiver doesn’t answer, and sends nothing after', async () => {
  const { bodies, webhookUrl } = await startReceiver('hang');
  const { lines, notifier } = notifierWith({ webhookUrl });
  for (let i = 0; i < 3; i += 1) notifier.notify(change);
  await expect.poll(() => bodies.length).toBe(1);
  await notifier.close();
  notifier.notify(change);
  expect([bodies.length, lines.length]).toEqual([1, 4]);
});

it('lets only so many changes wait', async () => {
  const { webhookUrl } = await startReceiver('hang');
  const { lines, notifier } = notifierWith({ webhookUrl });
  for (let i = 0; i < 101; i += 1) notifier.notify(change);
  const { host } = new URL(webhookUrl);
  expect(lines.at(-1)?.msg).toBe(`100 changes wait for ${host}: this one isn't sent`);
  await notifier.close();
});
