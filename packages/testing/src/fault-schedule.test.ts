import { expect, it } from 'vitest';
import type { Fault, FaultScope } from './fault.ts';
import { FaultSchedule } from './fault-schedule.ts';
import { ManualClock } from './manual-clock.ts';
import { seededRandom } from './seeded-random.ts';

function struck(scope: FaultScope, requests: number): number[] {
  const schedule = new FaultSchedule(seededRandom(1), () => 0);
  schedule.set([{ kind: 'hang', ...scope }]);
  return Array.from({ length: requests }, (_, i) => (schedule.next().length > 0 ? i + 1 : 0)).filter(Boolean);
}

it.each<[string, FaultScope, number[]]>([
  ['every request', {}, [1, 2, 3, 4, 5]],
  ['the first two', { count: 2 }, [1, 2]],
  ['all after the third', { afterRequests: 3 }, [4, 5]],
  ['one after the second', { afterRequests: 2, count: 1 }, [3]],
  ['none with probability 0', { probability: 0 }, []],
])('strikes %s', (_name, scope, expected) => {
  expect(struck(scope, 5)).toEqual(expected);
});

it('strikes about as often as the probability says', () => {
  const times = struck({ probability: 0.3 }, 1000).length;
  expect(times).toBeGreaterThan(250);
  expect(times).toBeLessThan(350);
});

it('names all faults that strike the same request, and none when cleared', () => {
  const schedule = new FaultSchedule(seededRandom(1), () => 0);
  const faults: Fault[] = [{ kind: 'slow', factor: 2 }, { kind: 'swapped' }];
  schedule.set(faults);
  expect(schedule.next()).toEqual(faults);
  schedule.set([]);
  expect(schedule.next()).toEqual([]);
});

it('ends a slow start after its time, and begins it again', async () => {
  const clock = new ManualClock();
  const schedule = new FaultSchedule(seededRandom(1), () => clock.nowMs());
  schedule.set([{ kind: 'slow-start', forMs: 100, answer: 'not-ready' }]);
  await clock.advance(40);
  expect(schedule.slowStart).toEqual({ answer: 'not-ready', leftMs: 60 });
  await clock.advance(60);
  expect(schedule.slowStart).toBeUndefined();
  schedule.restart();
  expect(schedule.slowStart).toEqual({ answer: 'not-ready', leftMs: 100 });
});
