import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@forebay/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EndRecords } from './end-records.ts';
import { Endings } from './endings.ts';
import type { TableEntry } from './process-table.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'forebay-ends-'));
});
afterEach(() => rm(dir, { recursive: true }));

const entry: TableEntry = { pid: 4242, parentPid: 1, startedAt: 7, variables: {} };

/** A machine with one process; `obeys` says whether it ends on SIGTERM. */
function machine({ obeys = false } = {}) {
  const clock = new ManualClock(1_000_000);
  const sent: string[] = [];
  const faults: unknown[] = [];
  let living: TableEntry | undefined = entry;
  const endings = () =>
    new Endings({
      table: { read: async () => [], find: async (pid) => (living?.pid === pid ? living : undefined) },
      records: new EndRecords(dir),
      clock,
      graceMs: 6_000,
      send(pid, signal, to) {
        sent.push(`${signal} to ${to} ${pid} at ${clock.nowMs() - 1_000_000}`);
        if (signal === 'SIGKILL' || obeys) living = undefined;
      },
      onFault: (fault) => faults.push(fault),
    });
  return {
    clock,
    sent,
    faults,
    endings,
    become(other: TableEntry | undefined) {
      living = other;
    },
  };
}

/** Moves the clock until `done`; files are read in between, which takes turns of their own. */
async function pass(clock: ManualClock, done: Promise<void>): Promise<void> {
  let over = false;
  void done.then(() => {
    over = true;
  });
  while (!over) await clock.advance(100);
}

it('tells a process once and lets it end', async () => {
  const { endings, sent, clock } = machine({ obeys: true });
  const ending = endings();
  await ending.order(entry);
  await ending.order(entry);
  await pass(clock, ending.settled());
  expect(sent).toEqual(['SIGTERM to process 4242 at 0']);
});

it('kills it and its children when its time is up', async () => {
  const { endings, sent, clock } = machine();
  const ending = endings();
  await ending.order(entry);
  await pass(clock, ending.settled());
  expect(sent).toEqual(['SIGTERM to process 4242 at 0', 'SIGKILL to group 4242 at 6000']);
});

it('does not tell it again after a restart, and gives it no more time', async () => {
  const { endings, sent, clock } = machine();
  await endings().order(entry);
  await clock.advance(2_000); // the first run of the scaler was killed: what it still does here is the same
  const later = endings();
  await later.order(entry);
  await pass(clock, later.settled());
  expect(sent.filter((line) => line.startsWith('SIGTERM'))).toEqual(['SIGTERM to process 4242 at 0']);
  expect(sent).toContain('SIGKILL to group 4242 at 6000');
});

it('leaves alone a process that has got the pid since', async () => {
  const { endings, sent, clock, become } = machine();
  become({ ...entry, startedAt: 8 });
  const ending = endings();
  await ending.order(entry);
  await pass(clock, ending.settled());
  expect(sent).toEqual([]);
});

it('kills at once when there is no time left', async () => {
  const { endings, sent } = machine();
  const ending = endings();
  await ending.order(entry);
  ending.hurry();
  await ending.settled();
  expect(sent).toEqual(['SIGTERM to process 4242 at 0', 'SIGKILL to group 4242 at 0']);
});

it('forgets the records of processes that are gone', async () => {
  const { clock, endings } = machine({ obeys: true });
  const ending = endings();
  await ending.order(entry);
  await pass(clock, ending.settled());
  const records = new EndRecords(dir);
  expect(await records.orderedAtMs(entry)).toBe(1_000_000);
  await records.forgetOthers([entry]);
  expect(await records.orderedAtMs(entry)).toBe(1_000_000);
  await records.forgetOthers([]);
  expect(await records.orderedAtMs(entry)).toBeUndefined();
});
