import { describe, expect, it } from 'vitest';
import { drive } from './drive.test-support.ts';
import { hpa } from './hpa.ts';
import { hpa002 } from './hpa-002.ts';

describe('hpa', () => {
  it('decides each 15 s, on the CPU of 30 s', () => {
    // Full from second 10 on: at 15 the mean of 15 s is 33 %, at 30 (of 30 s) 67 %, at 45 100 %. Down waits for 300 s.
    expect(drive(hpa, 46, (second) => ({ utilization: second > 10 ? 1 : 0 }))).toBe('45: 4>6');
  });

  it('saturates: a full pod asks for 1.43 times as many, whatever waits', () => {
    expect(drive(hpa, 31, () => ({ utilization: 1, queued: 9999 }))).toBe('15: 4>6, 30: 6>9');
  });

  it('comes down to the highest recommendation of 300 s, its own beginning included', () => {
    expect(drive(hpa, 400, (_, desired) => ({ utilization: 0.7 / desired }))).toBe('300: 4>1');
  });

  it('does nothing without a ready pod', () => {
    expect(drive(hpa, 600, () => ({ ready: 0, startingAges: [1], queued: 100 }))).toBe('');
  });

  it('does not start from zero', () => {
    expect(drive(hpa, 600, () => ({ queued: 100 }), { min: 0, initial: 0 })).toBe('');
  });
});

describe('hpa-002', () => {
  it('waits 60 s with the way up, then takes half as many again in 60 s', () => {
    expect(drive(hpa002, 181, () => ({ utilization: 1 }))).toBe('60: 4>6, 120: 6>9, 180: 9>13');
  });

  it('waits 300 s with the way down, then takes one in 60 s', () => {
    expect(drive(hpa002, 421, () => ({ utilization: 0.1 }))).toBe('300: 4>3, 360: 3>2, 420: 2>1');
  });
});
