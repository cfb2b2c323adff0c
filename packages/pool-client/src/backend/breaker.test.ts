import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Breaker, type BreakerState, breaker, DEFAULT_BREAKER } from './breaker.ts';

const OPTIONS = { minBatches: 4, failurePercentage: 50, windowMs: 10_000, resetTimeoutMs: 2_000 };

describe('breaker', () => {
  let changes: BreakerState[];
  let watched: Breaker;

  beforeEach(() => {
    vi.useFakeTimers();
    changes = [];
    watched = breaker(OPTIONS, (state) => changes.push(state));
  });

  afterEach(() => {
    watched.shutdown();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  const record = (...outcomes: readonly ('good' | 'bad')[]) => {
    for (const outcome of outcomes) watched.record(outcome);
  };

  it('is closed at first', () => {
    expect(watched.state).toBe('closed');
  });

  it('stays closed below the volume that means something', () => {
    record('bad', 'bad', 'bad');
    expect(watched.state).toBe('closed');
  });

  it('opens at that volume when more than the percentage failed', () => {
    record('bad', 'bad', 'bad', 'bad');
    expect(watched.state).toBe('open');
    expect(changes).toEqual(['open']);
  });

  it.each<[string, ('good' | 'bad')[], BreakerState]>([
    ['half of them failed', ['bad', 'good', 'bad', 'good', 'good', 'bad'], 'closed'],
    ['more than half of them failed', ['bad', 'good', 'good', 'bad', 'bad'], 'open'],
    ['none failed', ['good', 'good', 'good', 'good', 'good'], 'closed'],
  ])('judges by the share: %s', (_fact, outcomes, state) => {
    record(...outcomes);
    expect(watched.state).toBe(state);
  });

  it('forgets what is older than its window', async () => {
    record('bad', 'bad', 'bad');
    await vi.advanceTimersByTimeAsync(OPTIONS.windowMs + 1_000);
    record('bad');
    expect(watched.state).toBe('closed');
  });

  it('is half-open after its time, and closes with a good outcome', async () => {
    record('bad', 'bad', 'bad', 'bad');
    await vi.advanceTimersByTimeAsync(OPTIONS.resetTimeoutMs - 1);
    expect(watched.state).toBe('open');
    await vi.advanceTimersByTimeAsync(1);
    expect(watched.state).toBe('half-open');
    record('good');
    expect(watched.state).toBe('closed');
    expect(changes).toEqual(['open', 'half-open', 'closed']);
  });

  it('opens again with a bad one, and asks again after its time', async () => {
    record('bad', 'bad', 'bad', 'bad');
    await vi.advanceTimersByTimeAsync(OPTIONS.resetTimeoutMs);
    record('bad');
    expect(watched.state).toBe('open');
    await vi.advanceTimersByTimeAsync(OPTIONS.resetTimeoutMs);
    expect(watched.state).toBe('half-open');
    expect(changes).toEqual(['open', 'half-open', 'open', 'half-open']);
  });

  it('closes with a good outcome while it is open: the last backend goes on being tried', () => {
    record('bad', 'bad', 'bad', 'bad', 'bad', 'bad');
    record('good');
    expect(watched.state).toBe('closed');
    expect(changes).toEqual(['open', 'closed']);
  });

  it('leaves no timer behind and counts nothing after its end', async () => {
    record('bad', 'bad', 'bad', 'bad');
    watched.shutdown();
    expect(vi.getTimerCount()).toBe(0);
    record('good', 'bad');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(changes).toEqual(['open']);
  });

  it('ended twice it leaves the windows of others turning', async () => {
    const other = breaker(OPTIONS, () => undefined);
    watched.shutdown();
    watched.shutdown();
    for (let i = 0; i < 3; i += 1) other.record('bad');
    await vi.advanceTimersByTimeAsync(OPTIONS.windowMs + 1_000);
    other.record('bad');
    expect(other.state).toBe('closed');
    other.shutdown();
  });

  it('has defaults that are in range', () => {
    expect(DEFAULT_BREAKER).toEqual({
      minBatches: 5,
      failurePercentage: 50,
      windowMs: 10_000,
      resetTimeoutMs: 2_000,
    });
  });
});
