import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { TableEntry } from './process-table.ts';
import { fromVariables, toVariables } from './replica-markers.ts';
import { firstOfEachId, replicaProcesses } from './replica-process.ts';

interface Given {
  readonly pid: number;
  readonly parentPid?: number;
  readonly startedAt?: number;
  readonly id?: string;
  readonly pool?: string;
}

function entry({ pid, parentPid = 1, startedAt = pid, id = 'a', pool = 'mine' }: Given): TableEntry {
  const markers = { pool, group: 'g', id, url: 'http://h/p', healthUrl: 'http://h/ping', launchedAtMs: 5 };
  return { pid, parentPid, startedAt, variables: toVariables(markers) };
}

const pidsOf = (entries: readonly TableEntry[]) =>
  replicaProcesses(entries, 'mine').map(({ entry: { pid } }) => pid);

it.each([
  { what: 'a process', entries: [entry({ pid: 10 })], pids: [10] },
  { what: 'none of another pool', entries: [entry({ pid: 10, pool: 'theirs' })], pids: [] },
  {
    what: 'a parent without its child',
    entries: [entry({ pid: 11, parentPid: 10 }), entry({ pid: 10 })],
    pids: [10],
  },
  { what: 'the child of a parent that is gone', entries: [entry({ pid: 11 })], pids: [11] },
  {
    what: 'a replica that another one started',
    entries: [entry({ pid: 10 }), entry({ pid: 11, parentPid: 10, id: 'b' })],
    pids: [10, 11],
  },
  {
    what: 'the oldest first',
    entries: [entry({ pid: 10, startedAt: 9 }), entry({ pid: 11, startedAt: 8 })],
    pids: [11, 10],
  },
])('counts $what', ({ entries, pids }) => {
  expect(pidsOf(entries)).toEqual(pids);
});

it('ignores a process whose markers are not whole', () => {
  const { FOREBAY_REPLICA_URL: _, ...variables } = entry({ pid: 10 }).variables;
  expect(pidsOf([{ ...entry({ pid: 10 }), variables }])).toEqual([]);
});

it('takes the oldest for the one with an id', () => {
  const two = replicaProcesses([entry({ pid: 12 }), entry({ pid: 10 }), entry({ pid: 13, id: 'b' })], 'mine');
  expect(firstOfEachId(two).map(({ entry: { pid } }) => pid)).toEqual([10, 13]);
});

it('writes markers that are read as they were, without blanks', () => {
  const text = fc.string({ unit: 'grapheme' });
  const markers = fc.record({
    pool: text,
    group: text,
    id: text,
    url: text,
    healthUrl: text,
    launchedAtMs: fc.nat(),
  });
  fc.assert(
    fc.property(markers, (given) => {
      const variables = toVariables(given);
      expect(fromVariables(variables)).toEqual(given);
      expect(Object.values(variables).join('')).not.toMatch(/\s/);
    }),
  );
});
