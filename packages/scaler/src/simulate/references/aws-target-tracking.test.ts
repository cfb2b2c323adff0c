import { describe, expect, it } from 'vitest';
import { awsTargetTracking } from './aws-target-tracking.ts';
import { drive } from './drive.test-support.ts';

/** CPU by minute, the last one from then on. `undefined`: nothing is ready. */
const cpu =
  (...minutes: readonly (number | undefined)[]) =>
  (second: number) => {
    const at = (time: number) => minutes[Math.min(minutes.length - 1, Math.floor(Math.max(0, time) / 60))];
    // What is ready is ready now; the utilisation is that of the second before.
    return { utilization: at(second - 1) ?? 0, ...(at(second) === undefined ? { ready: 0 } : {}) };
  };

describe('aws-target-tracking', () => {
  it.each([
    [
      'out on the third minute above 70 %: 4 × 90 ÷ 70, rounded up',
      cpu(0.9, 0.9, 0.9, 0.65),
      600,
      '180: 4>6',
    ],
    ['two minutes are not enough', cpu(0.9, 0.9, 0.65), 600, ''],
    ['70 % is not above it', cpu(0.7), 600, ''],
    ['the step is proportional to the last minute alone', cpu(0.9, 0.9, 0.71, 0.65), 600, '180: 4>5'],
    [
      'in the cooldown the base is the count before, so that the same again adds nothing',
      cpu(1),
      479,
      '180: 4>6',
    ],
    ['a larger step in the cooldown is taken', cpu(0.8, 0.8, 0.8, 1, 0.65), 600, '180: 4>5, 240: 5>6'],
    ['after the cooldown the base is the present count', cpu(1), 481, '180: 4>6, 480: 6>9'],
    ['a minute without data turns the alarm off', cpu(0.9, 0.9, undefined, 0.9, 0.9, 0.65), 600, ''],
    ['no data, no action', cpu(undefined), 2000, ''],
  ])('from 4: %s', (_, tell, seconds, expected) => {
    expect(drive(awsTargetTracking, seconds, tell, { initial: 4 })).toBe(expected);
  });

  it.each([
    ['in on the fifteenth minute below 63 %: 10 × 35 ÷ 70', cpu(0.35), 901, '900: 10>5'],
    ['63 % is not below it', cpu(0.63), 2000, ''],
    ['rounded towards more: 10 × 36 ÷ 70 = 5.1', cpu(0.36), 901, '900: 10>6'],
    ['again only after 300 s', cpu(0.35), 1201, '900: 10>5, 1200: 5>3'],
    ['a minute without data turns the alarm off', cpu(0.35, undefined, 0.35), 1000, ''],
  ])('from 10: %s', (_, tell, seconds, expected) => {
    expect(drive(awsTargetTracking, seconds, tell, { initial: 10 })).toBe(expected);
  });

  it('goes out during the cooldown of a scale-in, which that ends', () => {
    const minutes = [...new Array<number>(15).fill(0.35), 1, 1, 1, ...new Array<number>(16).fill(0.35)];
    expect(drive(awsTargetTracking, 2000, cpu(...minutes), { initial: 10 })).toBe(
      '900: 10>5, 1080: 5>8, 1980: 8>4',
    );
  });

  it('takes launching ones into the base', () => {
    const tell = () => ({ ready: 2, startingAges: [9, 9], utilization: 1 });
    expect(drive(awsTargetTracking, 181, tell)).toBe('180: 4>6');
  });
});
