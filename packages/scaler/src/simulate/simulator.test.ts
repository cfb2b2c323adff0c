import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Controller, SimulatedState, SimulatedSystem } from './controller.ts';
import { simulate } from './simulator.ts';

const system = (settings: Partial<SimulatedSystem> = {}): SimulatedSystem => ({
  perReplica: 1,
  startupSeconds: 3,
  min: 0,
  initial: 1,
  max: 10,
  ...settings,
});
/** Asks for these counts at these seconds, and for the last of them from then on. */
const at = (plan: Readonly<Record<number, number>>): Controller => ({
  desired: ({ second, desired }) => plan[second] ?? desired,
});
const keep: Controller = at({});
const zeros = (count: number) => new Array<number>(count).fill(0);
/** `desired/ready` of each second. */
function counts(seconds: number, settings: Partial<SimulatedSystem>, controller: Controller): string {
  const seen: string[] = [];
  simulate(zeros(seconds), system(settings), controller, {
    onSecond: (_, desired, ready) => seen.push(`${desired}/${ready}`),
  });
  return seen.join(' ');
}

describe('replicas', () => {
  it.each([
    ['initial ones are ready at second 0', 3, { initial: 2 }, keep, '2/2 2/2 2/2'],
    ['a launched one is ready after the start-up time', 6, {}, at({ 1: 2 }), '1/1 2/1 2/1 2/1 2/2 2/2'],
    ['without a start-up time it is ready at once', 2, { startupSeconds: 0 }, at({ 1: 2 }), '1/1 2/2'],
    ['scale-in drops launching ones first', 6, {}, at({ 1: 3, 2: 2 }), '1/1 3/1 2/1 2/1 2/2 2/2'],
    ['of them the youngest first', 7, {}, at({ 1: 2, 3: 3, 4: 2 }), '1/1 2/1 2/1 3/1 2/2 2/2 2/2'],
    ['then ready ones, at once', 3, { initial: 3 }, at({ 1: 1 }), '3/3 1/1 1/1'],
    [
      'the desired count is clamped',
      3,
      { min: 1, initial: 1, max: 2, startupSeconds: 0 },
      at({ 1: 9, 2: 0 }),
      '1/1 2/2 1/1',
    ],
    ['initial is clamped too', 1, { min: 2, initial: 1 }, keep, '2/2'],
  ])('%s', (_, seconds, settings, controller, expected) => {
    expect(counts(seconds, settings, controller)).toBe(expected);
  });
});

describe('scores', () => {
  it('counts hours from launch, actions after clamping, and the first order', () => {
    const result = simulate(zeros(10), system({ initial: 0 }), at({ 4: 2, 5: 20, 6: 30 }));
    // 2 replicas in second 4, 10 in seconds 5 to 9.
    expect(result).toEqual({
      waitP50Seconds: 0,
      waitP99Seconds: 0,
      waitMaxSeconds: 0,
      replicaHours: 52 / 3600,
      actions: 2,
      unserved: 0,
      firstOrderSecond: 4,
    });
  });

  it('leaves out what lies in the first seconds: waits by arrival, hours, actions', () => {
    // Three a second at 1/s: those of second 1 wait 2, 2⅔ and 3⅓ s behind the first three.
    const result = simulate([3, 3, 0, 0], system(), at({ 0: 2, 1: 1, 2: 2 }), { skipSeconds: 1 });
    expect(result).toEqual({
      waitP50Seconds: 2.666667,
      waitP99Seconds: 3.333333,
      waitMaxSeconds: 3.333333,
      replicaHours: (1 + 2 + 2) / 3600,
      actions: 2,
      unserved: 0,
      firstOrderSecond: 0,
    });
  });

  it('serves on for 1,800 s after the trace with the last ready count, which costs nothing', () => {
    const result = simulate([1801], system(), keep);
    expect([result.unserved, result.replicaHours, result.waitMaxSeconds]).toEqual([
      0,
      1 / 3600,
      expect.closeTo(1800 - 1800 / 1801, 5),
    ]);
  });

  it('calls unserved what has not begun then, with an infinite wait', () => {
    const result = simulate([1900], system(), keep);
    expect([result.unserved, result.waitP50Seconds, result.waitP99Seconds, result.waitMaxSeconds]).toEqual([
      99,
      expect.closeTo(949 - 949 / 1900, 5),
      Infinity,
      Infinity,
    ]);
  });

  it('does not wait for launching ones after the trace', () => {
    expect(simulate([5], system({ initial: 0 }), at({ 0: 5 })).unserved).toBe(5);
  });
});

describe('the state that a controller sees', () => {
  it('is that at the end of the second before', () => {
    const states: SimulatedState[] = [];
    const controller: Controller = {
      desired(state) {
        states.push(state);
        return state.second === 1 ? 2 : state.desired;
      },
    };
    simulate([4, 0, 1, 0], system({ perReplica: 2, startupSeconds: 2 }), controller);
    const base = { ready: 1, startingAges: [], oldestSeconds: 0 };
    expect(states).toEqual([
      { ...base, second: 0, desired: 1, arrived: 0, served: 0, queued: 0, utilization: 0 },
      {
        ...base,
        second: 1,
        desired: 1,
        arrived: 4,
        served: 2,
        queued: 2,
        utilization: 1,
        oldestSeconds: 0.5,
      },
      { ...base, second: 2, desired: 2, arrived: 0, served: 2, queued: 0, utilization: 1, startingAges: [1] },
      { ...base, second: 3, desired: 2, arrived: 1, served: 1, queued: 0, utilization: 0.5, ready: 2 },
    ]);
  });

  it('never leaves the bounds, whatever is asked for', () => {
    const asked = fc.array(fc.integer({ min: -5, max: 30 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(asked, fc.nat(5), (counts, startupSeconds) => {
        const controller: Controller = { desired: ({ second }) => counts[second] ?? 0 };
        simulate(zeros(counts.length), system({ min: 2, initial: 3, max: 9, startupSeconds }), controller, {
          onSecond(_, desired, ready) {
            expect(desired).toBeGreaterThanOrEqual(2);
            expect(desired).toBeLessThanOrEqual(9);
            expect(ready).toBeLessThanOrEqual(desired);
          },
        });
      }),
    );
  });
});
