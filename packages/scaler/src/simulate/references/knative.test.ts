import { describe, expect, it } from 'vitest';
import { drive, type Told } from './drive.test-support.ts';
import { knative } from './knative.ts';

/** As many served as to make that concurrency at one request/s each. */
const concurrency = (value: number, rest: Told = {}): Told => ({ served: value, ...rest });

describe('knative', () => {
  it('asks each 2 s for the mean concurrency over 0.7', () => {
    expect(drive(knative, 5, () => concurrency(1.3), { initial: 1 })).toBe('2: 1>2');
  });

  it('counts what waits', () => {
    expect(drive(knative, 3, () => concurrency(1, { queued: 6 }), { initial: 1 })).toBe('2: 1>10');
  });

  it('counts busy replicas, not requests/s', () => {
    expect(drive(knative, 3, () => concurrency(14), { initial: 1, perReplica: 10 })).toBe('2: 1>2');
  });

  it('looks at 60 s when calm: one more after a third of the window', () => {
    // 0.7 first, 1.0 from second 100 on: the mean passes 0.7 in the next second, so that two are asked for at the next tick.
    expect(drive(knative, 120, (second) => concurrency(second > 100 ? 1 : 0.7), { initial: 1 })).toBe(
      '102: 1>2',
    );
  });

  it('panics on 6 s at twice what is ready, and only goes up until 60 s after the last such moment', () => {
    // 2.8 keep 4 busy. With 10.5 for 6 s the mean of 6 s is 5.4 at second 102, 8 replicas, twice the 4; so it still is at 110.
    const tell = (second: number) => concurrency(second > 100 && second <= 106 ? 10.5 : 2.8, { ready: 4 });
    expect(drive(knative, 250, tell, { initial: 1 }).replace(/^2: 1>4, /, '')).toBe(
      '102: 4>8, 104: 8>12, 106: 12>15, 172: 15>4',
    );
  });

  it('starts in panic when more than one is ready: it holds them for 60 s', () => {
    expect(drive(knative, 100, () => concurrency(0.7))).toBe('62: 4>2, 64: 2>1');
  });

  it('does not when one is', () => {
    expect(drive(knative, 10, () => concurrency(1.4, { ready: 1 }), { initial: 1 })).toBe('2: 1>2');
  });

  it('comes down by half of what is ready at each tick at most', () => {
    expect(drive(knative, 80, () => concurrency(0.7), { initial: 40 })).toBe(
      '62: 40>20, 64: 20>10, 66: 10>5, 68: 5>2, 70: 2>1',
    );
  });

  it('stays at one where min is 1', () => {
    expect(drive(knative, 300, () => concurrency(0), { initial: 1 })).toBe('');
  });

  it('goes to zero 30 s after it asked for none, where min is 0', () => {
    expect(drive(knative, 300, () => concurrency(0), { initial: 1, min: 0 })).toBe('32: 1>0');
  });

  it('comes out of zero with the first request', () => {
    const tell = (second: number) => concurrency(0, { queued: second > 9 ? 3 : 0 });
    expect(drive(knative, 11, tell, { initial: 0, min: 0 })).toMatch(/^10: 0>\d$/);
  });
});
