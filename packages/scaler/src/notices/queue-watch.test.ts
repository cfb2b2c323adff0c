import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import type { QueueMessage } from '../aws/sqs-api.ts';
import { ScalerError } from '../errors.ts';
import { makeLogger } from '../log.ts';
import type { StoredReplica } from '../store/store.ts';
import type { ReplicaReport } from '../values/replica-report.ts';
import { keepNotice, keepReport } from './keep-report.ts';
import { type NoticeOutcome, QueueWatch } from './queue-watch.ts';

const NOW_MS = Date.UTC(2027, 0, 15, 8);

/** A queue in memory (the real API is spoken to in the suite on moto): what was received is hidden for 30 s and then comes again, as in SQS. */
class FakeQueue {
  readonly #clock: ManualClock;
  readonly #messages = new Map<string, { readonly body: string; hiddenUntilMs: number }>();
  deleted = 0;
  problem: Error | undefined;
  deleteProblem: Error | undefined;
  receives = 0;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#messages.size;
  }

  send(body: string): void {
    this.#messages.set(String(this.#messages.size + this.deleted), { body, hiddenUntilMs: 0 });
  }

  async receive(_url: string, { maxMessages }: { readonly maxMessages: number }) {
    this.receives += 1;
    if (this.problem) throw this.problem;
    const nowMs = this.#clock.nowMs();
    const free = [...this.#messages].filter(([, each]) => each.hiddenUntilMs <= nowMs).slice(0, maxMessages);
    return free.map(([id, each]): QueueMessage => {
      each.hiddenUntilMs = nowMs + 30_000;
      return { id, receipt: id, body: each.body };
    });
  }

  async delete(_url: string, receipts: readonly string[]) {
    if (this.deleteProblem) throw this.deleteProblem;
    for (const receipt of receipts) if (this.#messages.delete(receipt)) this.deleted += 1;
  }
}

function watching() {
  const clock = new ManualClock(NOW_MS);
  const queue = new FakeQueue(clock);
  const kept: ReplicaReport[] = [];
  const outcomes: NoticeOutcome[] = [];
  const lines: string[] = [];
  const world = { storeProblem: undefined as Error | undefined, strangers: new Set<string>(), wakes: 0 };
  const watch = new QueueWatch({
    url: 'https://sqs/queue',
    sqs: queue,
    clock,
    random: () => 1,
    log: makeLogger('info', {
      write: (line) => void lines.push((JSON.parse(line) as { msg: string }).msg),
    }),
    keep(report) {
      if (world.storeProblem) throw world.storeProblem;
      if (world.strangers.has(report.about)) return false;
      kept.push(report);
      return true;
    },
    wake() {
      world.wakes += 1;
    },
    count: (outcome) => void outcomes.push(outcome),
  });
  const stop = new AbortController();
  const ended = watch.run(stop.signal);
  return { clock, queue, kept, outcomes, lines, world, stop, ended };
}

const spot = (id: string) =>
  JSON.stringify({
    'detail-type': 'EC2 Spot Instance Interruption Warning',
    time: '2027-01-15T08:00:00Z',
    detail: { 'instance-id': id, 'instance-action': 'terminate' },
  });
const other = JSON.stringify({ 'detail-type': 'Odd', time: '2027-01-15T08:00:00Z', detail: {} });

it('stores what messages say, asks for a tick at once, and deletes them', async () => {
  const { clock, queue, kept, outcomes, world } = watching();
  queue.send(spot('i-1'));
  queue.send(spot('i-2'));
  await clock.advance(1_000);
  expect(kept).toEqual(
    ['i-1', 'i-2'].map((about) => ({
      kind: 'leaving',
      about,
      because: 'spot interruption: terminate',
      atMs: NOW_MS,
      deadlineMs: NOW_MS + 120_000,
    })),
  );
  expect([queue.size, world.wakes, outcomes]).toEqual([0, 1, ['kept', 'kept']]);
});

it('deletes what it does not understand: a kind is logged once, each broken one is', async () => {
  const { clock, queue, kept, outcomes, lines, world } = watching();
  for (const body of [other, other, '{', '']) queue.send(body);
  await clock.advance(1_000);
  expect([queue.size, kept, world.wakes]).toEqual([0, [], 0]);
  expect(outcomes).toEqual(['unknown', 'unknown', 'broken', 'broken']);
  expect(lines).toEqual([
    'events "Odd" say nothing here and are thrown away: leave them out of the rule',
    'a message is thrown away: it is no event of EventBridge',
    'a message is thrown away: it is no event of EventBridge',
  ]);
});

it('deletes in silence what is of no use', async () => {
  const { clock, queue, kept, outcomes, lines, world } = watching();
  world.strangers.add('i-1');
  queue.send(spot('i-1'));
  await clock.advance(1_000);
  expect([queue.size, kept, world.wakes, outcomes, lines]).toEqual([0, [], 0, ['nothing'], []]);
});

it('deletes nothing that could not be stored: it comes again', async () => {
  const { clock, queue, kept, world, lines } = watching();
  world.storeProblem = new ScalerError('SCALER_STORE', 'disk full');
  queue.send(spot('i-1'));
  queue.send(other);
  await clock.advance(5_000);
  expect([queue.size, kept, world.wakes]).toEqual([1, [], 0]);
  expect(lines).toContain('notices are not heard while this is so: disk full');
  world.storeProblem = undefined;
  await clock.advance(30_000);
  expect([queue.size, kept.length, world.wakes]).toEqual([0, 1, 1]);
});

it('hears a message twice that it could not delete', async () => {
  const { clock, queue, kept, lines } = watching();
  queue.deleteProblem = new ScalerError('SCALER_DRIVER_FAILED', 'no answer');
  queue.send(spot('i-1'));
  await clock.advance(5_000);
  queue.deleteProblem = undefined;
  await clock.advance(30_000);
  expect([queue.size, kept.length]).toEqual([0, 2]);
  expect(lines).toContain('notices are heard again');
});

it('asks ever less often while the queue does not answer, and says so once', async () => {
  const { clock, queue, lines } = watching();
  queue.problem = new ScalerError('SCALER_DRIVER_FAILED', 'no such queue');
  await clock.advance(200_000);
  // At 0, then after 1, 2, 4, … 60 s (the very first was asked before it failed).
  expect(queue.receives).toBeLessThanOrEqual(10);
  expect(lines).toEqual(['notices are not heard while this is so: no such queue']);
});

it('asks once a second where a queue does not wait, and ends when it is told to', async () => {
  const { clock, queue, stop, ended } = watching();
  await clock.advance(10_000);
  expect(queue.receives).toBe(11);
  stop.abort();
  await ended;
  expect(clock.pendingSleeps).toBe(0);
});

it('keeps no advice over a notice whose deadline is still to come', () => {
  const kept: ReplicaReport[] = [];
  const store = { putReport: (report: ReplicaReport) => void kept.push(report), reports: () => kept };
  const advice: ReplicaReport = { kind: 'leaving', about: 'i-1', because: 'advice', atMs: 0 };
  const notice: ReplicaReport = { ...advice, because: 'notice', deadlineMs: 100 };
  keepReport(store, advice, 0);
  keepReport(store, notice, 0);
  keepReport(store, advice, 99);
  keepReport(store, { ...advice, about: 'i-2' }, 99);
  keepReport(store, advice, 100);
  expect(kept.map(({ about, because }) => `${about} ${because}`)).toEqual([
    'i-1 advice',
    'i-1 notice',
    'i-2 advice',
    'i-1 advice',
  ]);
});

it('keeps no end that is over of a machine that no group knows: an account has many, and lists show those of its groups', () => {
  const kept: ReplicaReport[] = [];
  const replica: StoredReplica = {
    id: 'cpu-1',
    group: 'cpu',
    machine: 'i-1',
    launchedAtMs: 0,
    state: { kind: 'launching' },
  };
  const store = {
    putReport: (report: ReplicaReport) => void kept.push(report),
    reports: () => kept,
    groupNames: () => ['cpu'],
    load: () => ({ group: 'cpu', replicas: [replica], paused: { in: false, out: false } }),
  };
  const end = (about: string, deadlineMs: number): ReplicaReport => ({
    kind: 'leaving',
    about,
    because: 'the instance is terminated',
    atMs: 0,
    deadlineMs,
  });
  const said = [end('i-1', 5), end('cpu-1', 5), end('i-2', 5), end('i-2', 6)];
  expect(said.map((report) => keepNotice(store, report, 5))).toEqual([true, true, false, true]);
  expect(kept.map(({ about }) => about)).toEqual(['i-1', 'cpu-1', 'i-2']);
});
