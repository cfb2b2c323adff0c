import { describe, expect, it } from 'vitest';
import type { Priority } from '../job.ts';
import { hasteOf } from './haste.ts';

const NEVER = Number.NEGATIVE_INFINITY;
const NO_CALL = { interactive: NEVER, default: NEVER, bulk: NEVER };
type Chunks = Partial<Record<Priority, number>>;

describe('hasteOf', () => {
  it.each<[string, Chunks, Partial<typeof NO_CALL>, boolean, Priority[]]>([
    ['nobody is where nothing waits', {}, {}, false, []],
    [
      'a query beside a bulk job is',
      { bulk: 900, interactive: 1 },
      { interactive: 990 },
      true,
      ['interactive'],
    ],
    ['the next query is expected for a second', { bulk: 900 }, { interactive: 0 }, true, []],
    ['and no longer', { bulk: 900 }, { interactive: -1 }, false, []],
    ['bulk beside queries is not', { bulk: 1, interactive: 900 }, { bulk: 1_000 }, false, []],
    ['queries alone are not', { interactive: 900 }, { interactive: 1_000 }, false, []],
    [
      'all above most of what waits are',
      { bulk: 900, default: 5, interactive: 1 },
      { interactive: 1_000, default: 1_000 },
      true,
      ['interactive', 'default'],
    ],
    ['default calls beside a bulk job are', { bulk: 900, default: 5 }, { default: 900 }, true, ['default']],
  ])('in haste: %s', (_fact, chunks, lastCalls, expected, waiting) => {
    const haste = hasteOf({ ...NO_CALL, ...lastCalls }, (priority) => chunks[priority] ?? 0, 1_000);
    expect(haste).toEqual({ expected, waiting });
  });
});
