import { expect, it } from 'vitest';
import { DueTimes } from './due-times.ts';

const NOW_MS = 1_000_000;
const group = (name: string, intervalSeconds = 5) => ({
  settings: { name, intervalSeconds },
  driver: { leastTickSeconds: name === 'a' ? 0 : 2 },
});
const [a, b] = [group('a'), group('b', 10)];
const names = (groups: readonly (typeof a)[]) => groups.map(({ settings }) => settings.name);

function ticked(): DueTimes {
  const due = new DueTimes();
  due.begin([a, b], NOW_MS - 9_000);
  due.end([a, b], NOW_MS);
  return due;
}

it('has every group due at first, and each after its own interval', () => {
  expect(names(new DueTimes().of([a, b], NOW_MS))).toEqual(['a', 'b']);
  const due = ticked();
  expect([due.of([a, b], NOW_MS + 4_999), due.restMs([a, b], NOW_MS + 4_999)]).toEqual([[], 1]);
  expect(names(due.of([a, b], NOW_MS + 5_000))).toEqual(['a']);
  expect(names(due.of([a, b], NOW_MS + 10_000))).toEqual(['a', 'b']);
});

it('lets a group ask for less, never for more than its interval', () => {
  const due = ticked();
  due.next('a', 0.25);
  due.next('b', 99);
  expect(names(due.of([a, b], NOW_MS + 250))).toEqual(['a']);
  expect(names(due.of([a, b], NOW_MS + 10_000))).toEqual(['a', 'b']);
});

it('has all due when it forgets, when a group is new, and when the clock was set back', () => {
  const due = ticked();
  expect(names(due.of([a, b, group('c')], NOW_MS))).toEqual(['c']);
  expect(names(due.of([a, b], NOW_MS - 1))).toEqual(['a', 'b']);
  due.forget();
  expect(names(due.of([a, b], NOW_MS))).toEqual(['a', 'b']);
});

it('hurries a group at once, then no more than its platform bears, also one whose tick is under way', () => {
  const due = ticked();
  due.hurry();
  expect(names(due.of([a, b], NOW_MS))).toEqual(['a', 'b']);
  due.begin([a, b], NOW_MS);
  due.end([a, b], NOW_MS);
  due.hurry();
  expect([names(due.of([a, b], NOW_MS)), due.restMs([b], NOW_MS)]).toEqual([['a'], 2_000]);
  due.begin([a, b], NOW_MS);
  due.hurry();
  due.next('a', 3);
  due.end([a, b], NOW_MS);
  expect(names(due.of([a, b], NOW_MS))).toEqual(['a']);
  due.begin([a], NOW_MS);
  expect(due.of([a], NOW_MS)).toEqual([]);
});
