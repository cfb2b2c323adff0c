import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import { makeLogger } from '../log.ts';
import type { HostClaim } from './host-claim.ts';
import { Reporter, retryWaitMs } from './reporter.ts';
import type { Sent } from './send-claim.ts';

/** A reporter that runs, with a scaler that answers as `answer` says. */
function running(answer: { sent: Sent }) {
  const clock = new ManualClock();
  const lines: string[] = [];
  const heard: { readonly atMs: number; readonly claim: HostClaim }[] = [];
  const reporter = new Reporter({
    clock,
    random: () => 1,
    log: makeLogger('info', { write: (line) => void lines.push(line) }),
    send: async (claim) => {
      heard.push({ atMs: clock.nowMs(), claim });
      return answer.sent;
    },
  });
  const stop = new AbortController();
  const ended = reporter.run(stop.signal);
  return { clock, lines, heard, reporter, stop, ended };
}

const READY: HostClaim = { state: 'ready' };
const SICK: HostClaim = { state: 'unhealthy', because: 'no memory' };
const GONE: HostClaim = { state: 'leaving', because: 'spot', deadlineMs: 120_000 };
const ADVICE: HostClaim = { state: 'leaving', because: 'advice' };
const failed: Sent = { kind: 'failed', problem: 'ECONNREFUSED' };
const heardAs = (state?: string): Sent => ({ kind: 'heard', state });

it('tells at once what is said, what ends soon first, and each thing once', async () => {
  const { clock, heard, reporter } = running({ sent: heardAs('ready') });
  await clock.advance(0);
  reporter.say(READY);
  reporter.say(GONE);
  await clock.advance(0);
  await clock.advance(300_000);
  expect(heard).toEqual([
    { atMs: 0, claim: GONE },
    { atMs: 0, claim: READY },
  ]);
});

it('tries on while the scaler is away, ever less often, and then tells the newest only', async () => {
  const answer: { sent: Sent } = { sent: failed };
  const { clock, heard, reporter } = running(answer);
  reporter.say(READY);
  await clock.advance(125_000);
  expect(heard.map(({ atMs }) => atMs)).toEqual([0, 1_000, 3_000, 7_000, 15_000, 31_000, 63_000, 123_000]);
  reporter.say(SICK);
  await clock.advance(0);
  answer.sent = heardAs('ready');
  await clock.advance(60_000);
  expect(heard.slice(-2).map(({ claim }) => claim)).toEqual([SICK, SICK]);
  await clock.advance(600_000);
  expect(heard.length).toBe(10);
});

it('tells news at once, however long it waits for a scaler that is away', async () => {
  const { clock, heard, reporter } = running({ sent: failed });
  reporter.say(READY);
  await clock.advance(64_000);
  reporter.say(GONE);
  await clock.advance(0);
  expect(heard.at(-1)).toEqual({ atMs: 64_000, claim: GONE });
});

it('tries on every eight seconds with a notice that has a deadline, however long the scaler is away', async () => {
  const { clock, heard, reporter } = running({ sent: failed });
  reporter.say(READY);
  await clock.advance(64_000);
  reporter.say(GONE);
  await clock.advance(24_000);
  expect(heard.filter(({ claim }) => claim === GONE).map(({ atMs }) => atMs)).toEqual([
    64_000, 72_000, 80_000, 88_000,
  ]);
});

it('takes advice for nothing new once there is a deadline', async () => {
  const { clock, heard, reporter } = running({ sent: heardAs() });
  reporter.say(ADVICE);
  await clock.advance(0);
  reporter.say(GONE);
  reporter.say(ADVICE);
  await clock.advance(0);
  expect(heard.map(({ claim }) => claim)).toEqual([ADVICE, GONE]);
});

it('logs a trouble once, its end, and what the scaler takes the host for when that is new', async () => {
  const answer: { sent: Sent } = { sent: failed };
  const { clock, lines, reporter } = running(answer);
  reporter.say(READY);
  await clock.advance(20_000);
  for (const state of [undefined, 'ready', 'ready', 'draining']) {
    answer.sent = heardAs(state);
    reporter.say({ state: 'ready' });
    await clock.advance(0);
  }
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
    'the scaler does not hear of this host, trying on: ECONNREFUSED',
    'the scaler hears of this host again',
    'the scaler does not know this host yet',
    'the scaler has this host as ready',
    'the scaler has this host as draining',
  ]);
});

it('ends when it is told to, with no sleeper left', async () => {
  const { clock, stop, ended } = running({ sent: failed });
  await clock.advance(0);
  stop.abort();
  await ended;
  expect(clock.pendingSleeps).toBe(0);
});

it.each([
  [1, 0, 500],
  [1, 1, 1_000],
  [2, 0.5, 1_500],
  [7, 1, 60_000],
  [1_000, 0, 30_000],
])('waits after %i failures with chance %d for %i ms', (failures, chance, expected) => {
  expect(retryWaitMs(failures, () => chance)).toBe(expected);
});
