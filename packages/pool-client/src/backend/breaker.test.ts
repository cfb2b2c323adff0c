import { ManualClock } from '@forebay/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Breaker, type BreakerState, breaker } from './breaker.ts';
import { FORGIVEN_AFTER_MS, PROBE_AGAIN_MS } from './ejection.ts';

const WINDOW_MS = 10_000;
const FIRST_MS = 1_000;

type Outcome = 'good' | 'bad' | 'silent';

describe('breaker', () => {
  let clock: ManualClock;
  let changes: string[];
  let others = { othersServing: 1, othersFailureShare: 0 };
  let watched: Breaker;

  const make = (onChange: (state: BreakerState, reason: string) => void) =>
    breaker({ clock, random: () => 0.5, windowMs: WINDOW_MS, others: () => others, onChange });

  beforeEach(() => {
    vi.useFakeTimers();
    clock = new ManualClock();
    changes = [];
    others = { othersServing: 1, othersFailureShare: 0 };
    watched = make((state, reason) => changes.push(`${state}: ${reason}`));
  });

  afterEach(() => {
    watched.shutdown();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  const record = (...outcomes: readonly Outcome[]) => {
    for (const outcome of outcomes) watched.record(outcome);
  };

  /** opossum goes by the global timers, its owner by the clock: both move together. */
  const advance = async (ms: number) => {
    const timers = vi.advanceTimersByTimeAsync(ms);
    void clock.advance(ms);
    await timers;
  };

  it('is closed at first', () => {
    expect([watched.state, watched.failureShare, watched.nextProbeMs]).toEqual(['closed', 0, undefined]);
  });

  it.each<[string, Outcome[], BreakerState]>([
    ['two failures in a row are chance', ['bad', 'bad'], 'closed'],
    ['three are none', ['bad', 'bad', 'bad'], 'open'],
    ['one overdue batch is as much', ['silent'], 'open'],
    [
      'a good one between begins anew',
      ['bad', 'bad', 'good', 'bad', 'good', 'bad'].slice(0, 4) as Outcome[],
      'closed',
    ],
    ['half of them failed', ['bad', 'good', 'bad', 'good', 'good', 'bad'], 'closed'],
    ['more than half failed', ['bad', 'bad', 'good', 'bad', 'bad', 'good', 'bad'], 'open'],
  ])('judges what it counts: %s', (_fact, outcomes, state) => {
    record(...outcomes);
    expect(watched.state).toBe(state);
  });

  it('says why and until when', () => {
    record('bad', 'bad', 'bad');
    expect(changes).toEqual(['open: its last 3 batches failed']);
    expect(watched.nextProbeMs).toBe(FIRST_MS);
  });

  it('lets the last one fail more often', () => {
    others = { othersServing: 0, othersFailureShare: 0 };
    record('bad', 'bad', 'bad', 'bad');
    expect(watched.state).toBe('closed');
    record('bad');
    expect(watched.state).toBe('open');
  });

  it('forgets what is older than its window', async () => {
    record('bad', 'bad', 'good', 'bad', 'bad', 'good');
    await advance(WINDOW_MS + 1_000);
    record('bad', 'bad');
    expect(watched.state).toBe('closed');
  });

  it('is half-open after its time, and closes with a good outcome', async () => {
    record('bad', 'bad', 'bad');
    await advance(FIRST_MS - 1);
    expect(watched.state).toBe('open');
    await advance(1);
    expect(watched.state).toBe('half-open');
    record('good');
    expect([watched.state, watched.nextProbeMs]).toEqual(['closed', undefined]);
    expect(changes.map((change) => change.split(':')[0])).toEqual(['open', 'half-open', 'closed']);
  });

  it('asks again soon when a probe failed', async () => {
    record('silent');
    await advance(FIRST_MS);
    for (let probes = 0; probes < 3; probes += 1) {
      expect(watched.state).toBe('half-open');
      record('bad');
      expect([watched.state, watched.nextProbeMs]).toEqual(['open', clock.nowMs() + PROBE_AGAIN_MS]);
      await advance(PROBE_AGAIN_MS);
    }
  });

  it('opens for twice as long each time it falls again, and forgives a fall after a time of good service', async () => {
    const lasted = async () => {
      const fromMs = clock.nowMs();
      record('silent');
      const ms = (watched.nextProbeMs ?? 0) - fromMs;
      await advance(ms);
      record('good');
      return ms;
    };
    expect([await lasted(), await lasted(), await lasted()]).toEqual([FIRST_MS, 2 * FIRST_MS, 4 * FIRST_MS]);
    await advance(2 * FORGIVEN_AFTER_MS);
    expect(await lasted()).toBe(2 * FIRST_MS);
    await advance(3 * FORGIVEN_AFTER_MS);
    expect(await lasted()).toBe(FIRST_MS);
  });

  it('closes with a good outcome while it is open: where no other serves it goes on being tried', () => {
    record('bad', 'bad', 'bad', 'bad', 'bad', 'bad');
    record('good');
    expect(watched.state).toBe('closed');
  });

  it('leaves no timer behind and counts nothing after its end', async () => {
    record('silent');
    watched.shutdown();
    expect(vi.getTimerCount()).toBe(0);
    record('good', 'bad');
    await advance(60_000);
    expect(changes).toHaveLength(1);
  });

  it('ended twice it leaves the windows of others turning', async () => {
    const other = make(() => undefined);
    watched.shutdown();
    watched.shutdown();
    for (const outcome of ['bad', 'bad', 'good', 'bad', 'bad', 'good'] as const) other.record(outcome);
    await advance(WINDOW_MS + 1_000);
    expect(other.failureShare).toBe(0);
    other.shutdown();
  });
});
