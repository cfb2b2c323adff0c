import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PRIORITIES, type Priority } from '../job.ts';
import { MINIMUM_SHARES, NO_CREDIT, nextCredits, priorityOrder } from './priority-shares.ts';

/** The share of each priority in many batches of 10 ms while `waiting` all have work. */
function shares(waiting: readonly Priority[], batches = 2_000): Record<Priority, number> {
  const servedMs = { interactive: 0, default: 0, bulk: 0 };
  let credits = NO_CREDIT;
  for (let i = 0; i < batches; i += 1) {
    const [first] = priorityOrder(credits).filter((priority) => waiting.includes(priority));
    if (!first) break;
    servedMs[first] += 10;
    credits = nextCredits(credits, { ...NO_CREDIT, [first]: 10 }, (priority) => waiting.includes(priority));
  }
  const totalMs = 10 * batches;
  return {
    interactive: servedMs.interactive / totalMs,
    default: servedMs.default / totalMs,
    bulk: servedMs.bulk / totalMs,
  };
}

describe('priority shares', () => {
  it('serve the highest first', () => {
    expect(priorityOrder(NO_CREDIT)).toEqual(PRIORITIES);
  });

  it.each<[Priority[], Record<Priority, number>]>([
    [['interactive', 'default', 'bulk'], { interactive: 0.7, default: 0.2, bulk: 0.1 }],
    [['interactive', 'bulk'], { interactive: 0.9, default: 0, bulk: 0.1 }],
    [['interactive', 'default'], { interactive: 0.8, default: 0.2, bulk: 0 }],
    [['default', 'bulk'], { interactive: 0, default: 0.9, bulk: 0.1 }],
    [['bulk'], { interactive: 0, default: 0, bulk: 1 }],
  ])('divide the work of %j', (waiting, expected) => {
    const got = shares(waiting);
    for (const priority of PRIORITIES) expect(got[priority]).toBeCloseTo(expected[priority], 1);
  });

  it('remember no more than 100 ms', () => {
    const work = fc.record({ interactive: fc.nat(500), default: fc.nat(500), bulk: fc.nat(500) });
    fc.assert(
      fc.property(fc.array(work), (served) => {
        let credits = NO_CREDIT;
        for (const one of served) credits = nextCredits(credits, one, () => true);
        for (const priority of PRIORITIES) expect(Math.abs(credits[priority])).toBeLessThanOrEqual(100);
      }),
      { seed: 20_260_201 },
    );
  });

  it('leave something to the highest', () => {
    expect(PRIORITIES.reduce((sum, priority) => sum + MINIMUM_SHARES[priority], 0)).toBeLessThan(1);
  });
});
