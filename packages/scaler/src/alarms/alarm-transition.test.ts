import { describe, expect, it } from 'vitest';
import type { Sample } from '../values/sample.ts';
import { type AlarmState, type AlarmStateName, highCpuAlarm } from './alarm.ts';
import { alarmTransition } from './alarm-transition.ts';
import { AlarmWatch } from './alarm-watch.ts';

const NOW_MS = 1_800_000_000_000;
const alarm = highCpuAlarm('small');
const since = (name: AlarmStateName): AlarmState => ({ name, sinceMs: 7, because: 'before' });
/** A value so many seconds ago. */
const ago = (seconds: number, value: number): Sample => ({
  kind: 'value',
  value,
  atMs: NOW_MS - seconds * 1_000,
});
const gap = (seconds: number): Sample => ({
  kind: 'missing',
  reason: 'down',
  atMs: NOW_MS - seconds * 1_000,
});

describe('above 80 for two periods of 300 s', () => {
  it.each([
    ['both means above', [ago(600, 85), ago(400, 85), ago(10, 90)], 'ALARM'],
    [
      'the mean of a period counts, not each sample',
      [ago(600, 0), ago(400, 85), ago(200, 70), ago(10, 99)],
      'ALARM',
    ],
    ['a mean equal to the threshold', [ago(600, 85), ago(400, 85), ago(10, 80)], 'OK'],
    ['the older mean below', [ago(600, 85), ago(400, 10), ago(10, 99)], 'OK'],
    ['one low period though the other is missing', [ago(10, 10)], 'OK'],
    ['nothing measured', [], 'INSUFFICIENT_DATA'],
    ['nothing but failures to measure', [gap(600), gap(400), gap(10)], 'INSUFFICIENT_DATA'],
    ['only what is too old', [ago(700, 99), ago(600, 99)], 'INSUFFICIENT_DATA'],
    ['only what is yet to come', [ago(-10, 99)], 'INSUFFICIENT_DATA'],
  ] as const)('%s', (_name, samples, name) => {
    for (const before of ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const) {
      const state = alarmTransition(since(before), samples, alarm, NOW_MS);
      expect([before, state.name, state.sinceMs]).toEqual([before, name, name === before ? 7 : NOW_MS]);
    }
  });

  it.each([
    ['a gap in the older period', [ago(600, 85), gap(400), ago(10, 99)]],
    ['a gap in the newer period', [ago(600, 85), ago(400, 99), gap(10)]],
    ['samples that began in the middle of the older period', [ago(400, 99), ago(10, 99)]],
  ])('stays as it is with %s', (_name, samples) => {
    for (const before of ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const) {
      expect(alarmTransition(since(before), samples, alarm, NOW_MS)).toEqual(since(before));
    }
  });

  it('says the numbers', () => {
    const samples = [ago(600, 85), ago(400, 85.333), ago(10, 90)];
    expect(alarmTransition(since('OK'), samples, alarm, NOW_MS).because).toBe(
      'cpu_percent of group small was 85.33, 90 in 2 × 300 s, the alarm is above 80',
    );
  });
});

it('alarms below a threshold', () => {
  const below = { ...alarm, comparison: 'below', threshold: 5, periods: 1 } as const;
  const nameWith = (value: number) =>
    alarmTransition(since('OK'), [ago(300, 1), ago(10, value)], below, NOW_MS).name;
  expect([nameWith(4), nameWith(5), nameWith(6)]).toEqual(['ALARM', 'OK', 'OK']);
});

describe('AlarmWatch', () => {
  /** Seconds and states of all changes, when CPU is `at(second)` each 5 s for `seconds`. */
  function watch(seconds: number, at: (second: number) => number | undefined) {
    const watcher = new AlarmWatch([alarm, highCpuAlarm('large')], NOW_MS);
    const changes: [number, string][] = [];
    for (let second = 0; second <= seconds; second += 5) {
      const nowMs = NOW_MS + second * 1_000;
      const value = at(second);
      const sample: Sample =
        value === undefined
          ? { kind: 'missing', reason: 'down', atMs: nowMs }
          : { kind: 'value', value, atMs: nowMs };
      for (const { state } of watcher.observe('small', { cpu_percent: sample }, nowMs)) {
        changes.push([second, state.name]);
      }
    }
    return { changes, states: watcher.states().map(({ state }) => state.name) };
  }

  it('alarms after ten minutes of load from the start on, and is OK when a period’s mean has fallen', () => {
    const { changes, states } = watch(1_500, (second) => (second < 900 ? 100 : 20));
    // With the 15th low sample of 60, at 970, the last period's mean is 80, which is no breach.
    expect(changes).toEqual([
      [600, 'ALARM'],
      [970, 'OK'],
    ]);
    expect(states).toEqual(['OK', 'INSUFFICIENT_DATA']);
  });

  it('is OK at once under little load, and has too little data ten minutes after the last', () => {
    expect(watch(1_000, (second) => (second <= 100 ? 10 : undefined)).changes).toEqual([
      [0, 'OK'],
      [700, 'INSUFFICIENT_DATA'],
    ]);
  });

  it('counts a sample once, however many ticks see it', () => {
    const watcher = new AlarmWatch([{ ...alarm, periods: 1 }], NOW_MS);
    const at = (second: number, value: number, atSecond: number) =>
      watcher.observe(
        'small',
        { cpu_percent: { kind: 'value', value, atMs: NOW_MS + atSecond * 1_000 } },
        NOW_MS + second * 1_000,
      );
    at(0, 100, 0);
    for (let second = 1; second < 300; second += 5) at(second, 100, 1);
    expect(at(301, 10, 300).map(({ state }) => state.name)).toEqual(['OK']);
  });

  it('begins anew after a time in which it saw nothing, as when another scaler acted: that one’s end was told there', () => {
    const watcher = new AlarmWatch([{ ...alarm, periods: 1 }], NOW_MS);
    const hot = (second: number) => {
      const nowMs = NOW_MS + second * 1_000;
      const sample: Sample = { kind: 'value', value: 100, atMs: nowMs };
      return watcher
        .observe('small', { cpu_percent: sample }, nowMs)
        .map(({ from, state }) => [second, from, state.name]);
    };
    const changes = [];
    for (let second = 0; second <= 400; second += 10) changes.push(...hot(second));
    for (let second = 4_000; second <= 4_400; second += 10) changes.push(...hot(second));
    expect(changes).toEqual([
      [300, 'INSUFFICIENT_DATA', 'ALARM'],
      [4_000, 'ALARM', 'INSUFFICIENT_DATA'],
      [4_300, 'INSUFFICIENT_DATA', 'ALARM'],
    ]);
  });
});
