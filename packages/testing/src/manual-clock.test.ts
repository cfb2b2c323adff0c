import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { ManualClock } from './manual-clock.ts';

it('stands still until it is moved', async () => {
  const clock = new ManualClock(50);
  await nextTurn();
  expect(clock.nowMs()).toBe(50);
  await clock.advance(25);
  expect(clock.nowMs()).toBe(75);
});

it('wakes sleepers in the order of their times, equals in the order they lay down', async () => {
  const clock = new ManualClock();
  const woken: [string, number][] = [];
  const note = (name: string) => () => woken.push([name, clock.nowMs()]);
  void clock.sleep(30).then(note('late'));
  void clock.sleep(10).then(note('early'));
  void clock.sleep(30).then(note('late too'));
  void clock.sleep(31).then(note('never'));
  await clock.advance(30);
  expect(woken).toEqual([
    ['early', 10],
    ['late', 30],
    ['late too', 30],
  ]);
  expect(clock.pendingSleeps).toBe(1);
});

it('wakes a loop as often as it sleeps inside the interval', async () => {
  const clock = new ManualClock();
  const ticks: number[] = [];
  const loop = async () => {
    for (;;) {
      await clock.sleep(10);
      await nextTurn();
      ticks.push(clock.nowMs());
    }
  };
  void loop();
  await clock.advance(35);
  expect(ticks).toEqual([10, 20, 30]);
});

it('lets a sleep end at once, without an error, when its signal aborts', async () => {
  const clock = new ManualClock();
  const abort = new AbortController();
  const slept = clock.sleep(1000, abort.signal);
  expect(clock.pendingSleeps).toBe(1);
  abort.abort();
  await slept;
  await clock.sleep(1000, abort.signal);
  expect([clock.pendingSleeps, clock.nowMs()]).toEqual([0, 0]);
});

it('wakes a sleep of no length only when it is advanced', async () => {
  const clock = new ManualClock();
  let woken = false;
  void clock.sleep(-5).then(() => {
    woken = true;
  });
  await nextTurn();
  expect(woken).toBe(false);
  await clock.advance(0);
  expect(woken).toBe(true);
});

it('runs two advances one after the other', async () => {
  const clock = new ManualClock();
  await Promise.all([clock.advance(10), clock.advance(20)]);
  expect(clock.nowMs()).toBe(30);
});

it.each([-1, Number.NaN])('refuses to move by %s', (ms) => {
  expect(() => new ManualClock().advance(ms)).toThrow(`ms must be 0 or more, got ${ms}`);
});
