import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FluidQueue } from './fluid-queue.ts';

/** All waits in order of arrival, and what is left at the end of each second. */
function serve(requests: readonly number[], capacities: readonly number[]) {
  const waits: number[] = [];
  const queue = new FluidQueue(requests, (_, first, last, count) => {
    for (let i = 0; i < count; i += 1)
      waits.push(count === 1 ? first : first + ((last - first) * i) / (count - 1));
  });
  const done: number[] = [];
  const left = capacities.map((capacity, second) => {
    done.push(queue.pass(second, capacity));
    return queue.backlog;
  });
  return { waits, left, done, queue };
}

/** Request by request: start = the later of arrival and the end of the one before, at a capacity that changes each second. */
function waitsOneByOne(requests: readonly number[], capacities: readonly number[]): readonly number[] {
  const waits: number[] = [];
  let free = 0;
  for (const [second, size] of requests.entries())
    for (let i = 0; i < size; i += 1) {
      const arrival = second + i / size;
      let at = Math.max(free, arrival);
      while (at < capacities.length && capacities[Math.floor(at)] === 0) at = Math.floor(at) + 1;
      if (at >= capacities.length) return waits;
      waits.push(at - arrival);
      let work = 1;
      while (work > 0 && at < capacities.length) {
        const capacity = capacities[Math.floor(at)] ?? 0;
        const possible = (Math.floor(at) + 1 - at) * capacity;
        at = possible > work ? at + work / capacity : Math.floor(at) + 1;
        work -= Math.min(work, possible);
      }
      free = at;
    }
  return waits;
}

const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 6));

describe('FluidQueue', () => {
  it.each([
    ['nobody waits while the server is faster', [2, 2], [4, 4], [0, 0, 0, 0], [0, 0]],
    ['a second that is too full', [3, 0], [2, 2], [0, 1 / 6, 1 / 3], [1, 0]],
    ['a fraction that is done is not lost', [1, 0, 1], [0.5, 0.5, 0.5], [0, 0], [0.5, 0, 0.5]],
    ['nothing is served without capacity', [2, 0], [0, 4], [1, 0.75], [2, 0]],
    ['idle capacity is not saved', [0, 4], [4, 2], [0, 0.25], [0, 2]],
    ['older requests go first', [2, 1, 0], [1, 1, 1], [0, 0.5, 1], [1, 1, 0]],
    [
      'a queue that is caught up within a second',
      [4, 4],
      [2, 8],
      [0, 0.25, 0.5, 0.375, 0.25, 0.125, 0, 0],
      [2, 0],
    ],
  ])('%s', (_, requests, capacities, waits, left) => {
    const served = serve(requests, capacities);
    expect([served.waits, served.left]).toEqual([close(waits), close(left)]);
  });

  it('serves each request when a server that takes one after the other would start on it', () => {
    // Powers of two, so that nothing is rounded and no second is missed by a hair.
    const count = fc.constantFrom(0, 0, 1, 2, 4, 8);
    const capacity = fc.constantFrom(0, 0.5, 1, 2, 4, 8);
    fc.assert(
      fc.property(fc.array(fc.tuple(count, capacity), { minLength: 1, maxLength: 40 }), (seconds) => {
        const requests = seconds.map(([one]) => one);
        const capacities = seconds.map(([, one]) => one);
        expect(serve(requests, capacities).waits).toEqual(close(waitsOneByOne(requests, capacities)));
      }),
    );
  });

  it('does so at odd speeds too', () => {
    const second = fc.tuple(fc.nat(30), fc.double({ min: 0.3, max: 30, noNaN: true }));
    fc.assert(
      fc.property(fc.array(second, { minLength: 1, maxLength: 40 }), (seconds) => {
        const requests = seconds.map(([one]) => one);
        // Long enough to serve all: at the very end a hair would decide whether one more begins.
        const capacities = [...seconds.map(([, one]) => one), ...new Array<number>(1300).fill(1)];
        expect(serve(requests, capacities).waits).toEqual(close(waitsOneByOne(requests, capacities)));
      }),
      { numRuns: 50 },
    );
  });

  it('neither makes nor loses work', () => {
    const second = fc.tuple(fc.nat(30), fc.double({ min: 0, max: 30, noNaN: true }));
    fc.assert(
      fc.property(fc.array(second, { minLength: 1, maxLength: 60 }), (seconds) => {
        const requests = seconds.map(([one]) => one);
        const { done, left, waits, queue } = serve(
          requests,
          seconds.map(([, one]) => one),
        );
        const total = requests.reduce((sum, one) => sum + one, 0);
        const doneInAll = done.reduce((sum, one) => sum + one, 0);
        let notStarted = 0;
        queue.notStarted((_, count) => {
          notStarted += count;
        });
        expect([doneInAll + (left.at(-1) ?? 0), waits.length + notStarted]).toEqual([
          expect.closeTo(total, 6),
          total,
        ]);
        for (const [index, [, capacity]] of seconds.entries())
          expect(done[index]).toBeLessThanOrEqual(capacity + 1e-9);
      }),
    );
  });

  it('tells how long the head of the queue has waited', () => {
    const queue = new FluidQueue([4, 0, 0, 2], () => undefined);
    const ages = [0, 2, 0, 2].map((capacity, second) => {
      queue.pass(second, capacity);
      return queue.oldestSeconds(second + 1);
    });
    expect(ages).toEqual([1, 1.5, 2.5, 1]);
  });
});
