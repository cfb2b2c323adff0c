import { describe, expect, it } from 'vitest';
import { type Candidate, judge, type Yardsticks } from './criteria.ts';
import type { Measured } from './measure.ts';

const measured = (p99: number, hours = 10, actions = 8, firstOrderDelay = 0): Measured => ({
  p99,
  hours,
  actions,
  firstOrderDelay,
});
const yardsticks = (changes: Partial<Yardsticks> = {}): Yardsticks => ({
  hpa: measured(100),
  hpa002: measured(120),
  awsTargetTracking: measured(150),
  knative: measured(80, 20),
  hpaCold: measured(200),
  fixed: [],
  ...changes,
});
const candidate = (changes: Partial<Candidate> = {}): Candidate => ({
  warm: measured(50),
  cold: measured(50),
  fromZero: measured(50, 10, 8, 2),
  ...changes,
});
/** `A+ 81.6` for a criterion that holds with 81.6 allowed, `A- …` for one that doesn't. */
function judged(
  given: Yardsticks,
  scored: Candidate,
  trace = 'bursty',
  startupSeconds = 60,
): readonly string[] {
  return judge(given, scored, { trace, startupSeconds, tickSeconds: 5 }).map(
    ({ criterion, holds, allowed }) => `${criterion}${holds ? '+' : '-'} ${Math.round(allowed * 100) / 100}`,
  );
}

describe('judge', () => {
  it.each([
    ['2 % slack over the best of four', measured(81), 'A+ 81.6'],
    ['more than that', measured(82), 'A- 81.6'],
    ['3 actions of 4 allowed', measured(50, 10, 4), 'C+ 4'],
    ['5 actions of 4 allowed', measured(50, 10, 5), 'C- 4'],
    ['the cheapest that is as fast is Knative', measured(80, 22), 'B+ 22'],
    ['none is as fast, so nothing bounds the hours', measured(79, 999), 'B+ Infinity'],
    ['slower than HPA, so HPA sets the price', measured(100, 11.1), 'B- 11'],
  ])('warm: %s', (_, warm, expected) => {
    expect(judged(yardsticks(), candidate({ warm }))).toContain(expected);
  });

  it('lets a fixed count set the price', () => {
    const fixed = [
      { ...measured(90, 6), count: 6 },
      { ...measured(40, 8), count: 8 },
    ];
    expect(judged(yardsticks({ fixed }), candidate({ warm: measured(50, 8.8) }))).toContain('B+ 8.8');
  });

  it('always allows 3 actions', () => {
    const given = yardsticks({ hpa: measured(100, 10, 1) });
    expect(judged(given, candidate({ warm: measured(50, 10, 3) }))).toContain('C+ 3');
  });

  it.each(['flash', 'bulk'])('has bars of its own for %s', (trace) => {
    expect(judged(yardsticks(), candidate({ warm: measured(45, 14) }), trace)).toEqual([
      'A+ 45',
      'B+ 14',
      'C- 4',
      'D+ 100',
      'E+ 60',
    ]);
    const given = yardsticks({ knative: measured(30) });
    expect(judged(given, candidate({ warm: measured(40, 14.1) }), trace).slice(0, 2)).toEqual([
      'A- 39',
      'B- 14',
    ]);
  });

  it.each([
    ['half of HPA cold', measured(100), 'D+ 100'],
    ['more', measured(101), 'D- 100'],
  ])('cold: %s', (_, cold, expected) => {
    expect(judged(yardsticks(), candidate({ cold }))).toContain(expected);
  });

  it('cold: always allows 5 s', () => {
    const scored = candidate({ cold: measured(5) });
    expect(judged(yardsticks({ hpaCold: measured(6) }), scored)).toContain('D+ 5');
  });

  it.each([
    ['in time', measured(60, 1, 1, 6), 'E+ 60'],
    ['too slow', measured(61, 1, 1, 6), 'E- 60'],
    ['ordered late', measured(60, 1, 1, 7), 'E- 60'],
    ['never ordered', measured(Infinity, 0, 0, Infinity), 'E- 60'],
  ])('from zero: %s', (_, fromZero, expected) => {
    expect(judged(yardsticks(), candidate({ fromZero }))).toContain(expected);
  });

  it('asks for F on diurnal at 300 s alone: 5 s at 1.05 × the hours', () => {
    const fast = candidate({ warm: measured(5, 10.5) });
    const slow = candidate({ warm: measured(6, 10.5) });
    const dear = candidate({ warm: measured(5, 10.6) });
    const of = (scored: Candidate, trace: string, startupSeconds: number) =>
      judged(yardsticks(), scored, trace, startupSeconds).filter((one) => one.startsWith('F'));
    expect([of(fast, 'diurnal', 300), of(slow, 'diurnal', 300), of(dear, 'diurnal', 300)]).toEqual([
      ['F+ 10.5'],
      ['F- 10.5'],
      ['F- 10.5'],
    ]);
    expect([of(fast, 'diurnal', 60), of(fast, 'bursty', 300)]).toEqual([[], []]);
  });
});
