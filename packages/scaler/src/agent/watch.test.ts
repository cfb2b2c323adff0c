import { ManualClock } from '@forebay/testing';
import { describe, expect, it } from 'vitest';
import { ScalerError } from '../errors.ts';
import { makeLogger } from '../log.ts';
import { claimBody, type HostClaim } from './host-claim.ts';
import type { ProbeOutcome } from './host-health.ts';
import { watchHealth } from './watch-health.ts';
import { watchNotices } from './watch-notices.ts';

const log = makeLogger('silent');
const WELL: ProbeOutcome = { kind: 'well' };

function said(clock: ManualClock) {
  const claims: { readonly atMs: number; readonly claim: HostClaim }[] = [];
  return { claims, say: (claim: HostClaim) => void claims.push({ atMs: clock.nowMs(), claim }) };
}

describe('the health of the model server', () => {
  function watching(outcome: { now: ProbeOutcome }, url?: string) {
    const clock = new ManualClock(1_000_000);
    const { claims, say } = said(clock);
    const stop = new AbortController();
    const options = { toleratedSilences: 3, startSeconds: 600, intervalSeconds: 5, url };
    const around = { clock, random: () => 0, log, say, probe: async () => outcome.now };
    const ended = watchHealth({ ...options, ...around }, stop.signal);
    return { clock, claims, stop, ended };
  }

  it('is told at the first good answer, again each minute, and when it changes', async () => {
    const outcome: { now: ProbeOutcome } = { now: { kind: 'silent', because: 'ECONNREFUSED' } };
    const { clock, claims } = watching(outcome, 'http://10.0.0.1:8080');
    await clock.advance(12_000);
    expect(claims).toEqual([]);
    outcome.now = WELL;
    await clock.advance(70_000);
    outcome.now = { kind: 'unwell', because: 'it answered 500' };
    await clock.advance(5_000);
    outcome.now = WELL;
    await clock.advance(5_000);
    const ready: HostClaim = { state: 'ready', url: 'http://10.0.0.1:8080' };
    expect(claims.map(({ atMs, claim }) => [atMs - 1_000_000, claim])).toEqual([
      [15_000, ready],
      [75_000, ready],
      [85_000, { state: 'unhealthy', because: 'it answered 500' }],
      [90_000, ready],
    ]);
  });

  it('is asked no more once the agent is told to end', async () => {
    const { clock, stop, ended } = watching({ now: WELL });
    await clock.advance(0);
    stop.abort();
    await ended;
    expect(clock.pendingSleeps).toBe(0);
  });
});

describe('notices of AWS', () => {
  it('are told when they come: first the advice, then the deadline, each once', async () => {
    const clock = new ManualClock();
    const { claims, say } = said(clock);
    let [action, advisedAtMs]: [{ action: 'terminate'; atMs: number }?, number?] = [];
    const metadata = { spotAction: async () => action, rebalanceAdvisedAtMs: async () => advisedAtMs };
    const stop = new AbortController();
    const ended = watchNotices({ metadata, say, clock, log }, stop.signal);
    await clock.advance(10_000);
    advisedAtMs = 9_000;
    await clock.advance(10_000);
    action = { action: 'terminate', atMs: 145_000 };
    await clock.advance(20_000);
    expect(claims).toEqual([
      {
        atMs: 15_000,
        claim: { state: 'leaving', because: 'rebalance recommendation of 1970-01-01T00:00:09.000Z' },
      },
      {
        atMs: 25_000,
        claim: {
          state: 'leaving',
          because: 'spot interruption: terminate at 1970-01-01T00:02:25.000Z',
          deadlineMs: 145_000,
        },
      },
    ]);
    stop.abort();
    await ended;
  });

  it('are asked for again after metadata failed, which is logged once', async () => {
    const clock = new ManualClock();
    const lines: string[] = [];
    const { claims, say } = said(clock);
    let isDown = true;
    const metadata = {
      spotAction: async () => {
        if (isDown) throw new ScalerError('SCALER_DRIVER_FAILED', 'no answer');
        return { action: 'stop' as const, atMs: 99_000 };
      },
      rebalanceAdvisedAtMs: async () => undefined,
    };
    const loud = makeLogger('info', { write: (line) => void lines.push(line) });
    void watchNotices({ metadata, say, clock, log: loud }, new AbortController().signal);
    await clock.advance(30_000);
    isDown = false;
    await clock.advance(5_000);
    expect([claims.length, lines.length]).toEqual([1, 3]);
  });
});

it('a deadline is sent as what is left of it, never less than nothing', () => {
  const claim: HostClaim = { state: 'leaving', because: 'b', deadlineMs: 120_000 };
  expect(claimBody(claim, 30_000)).toEqual({ state: 'leaving', because: 'b', deadline_seconds: 90 });
  expect(claimBody(claim, 130_000)).toEqual({ state: 'leaving', because: 'b', deadline_seconds: 0 });
  expect(claimBody({ state: 'leaving', because: 'b' }, 0)).toEqual({ state: 'leaving', because: 'b' });
  expect(claimBody({ state: 'ready', url: 'http://x' }, 0)).toEqual({ state: 'ready', url: 'http://x' });
});
