import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { motoWithClock } from '../../../../rigs/moto/moto-with-clock.ts';
import { countChanges, shownChanges, shownTime } from '../systems/count-changes.ts';
import { countRange } from '../systems/count-limits.ts';
import { exampleConfig } from '../systems/example-config.ts';
import { Hour } from '../systems/hour.ts';
import { pageSection } from '../systems/page-section.ts';
import { systemTable } from '../systems/system-table.ts';
import { FacerecStack } from './facerec-stack.ts';

const START_MS = Date.UTC(2027, 0, 15, 8);

/** When so many messages come, each so many seconds of work. */
const MESSAGES = [
  { at: 62, count: 1, work: 240 },
  { at: 72, count: 7, work: 240 },
  { at: 902, count: 1, work: 240 },
  { at: 1_002, count: 1, work: 240 },
  // A short one, and a long one for the task that is started last.
  { at: 1_502, count: 1, work: 100 },
  { at: 1_562, count: 1, work: 800 },
  { at: 2_602, count: 1, work: 300 },
] as const;
const TOTAL = MESSAGES.reduce((sum, { count }) => sum + count, 0);
/** Notices for the host of the oldest task: one that is done in its two minutes, and one that isn't. */
const NOTICES = [1_100, 2_800] as const;

const moto = await motoWithClock(START_MS);
if (moto.kind === 'unavailable') console.warn(`skipped, there is no moto here: ${moto.because}`);

describe.skipIf(moto.kind === 'unavailable')('document 003', () => {
  let nowMs = START_MS;
  beforeEach(async () => {
    nowMs = START_MS;
    moto.setTime(START_MS);
    await moto.reset();
  });
  afterAll(async () => {
    delete process.env.AWS_ENDPOINT_URL;
    await moto.close();
  });

  const startStack = () => FacerecStack.start({ moto, nowMs: () => nowMs });
  const startHour = ({ plane }: FacerecStack) => {
    process.env.AWS_ENDPOINT_URL = plane.endpoint;
    return Hour.start({
      config: exampleConfig('003-queue-workers.yaml', {
        'https://sqs.eu-west-1.amazonaws.com': plane.endpoint,
      }),
      startMs: START_MS,
      onTime: (ms) => {
        nowMs = ms;
        moto.setTime(ms);
      },
    });
  };

  it('works a queue off with 0 to 5 tasks through an hour', { timeout: 180_000 }, async () => {
    await using stack = await startStack();
    const { plane, hosts, workers } = stack;
    await using hour = await startHour(stack);
    const counts = new Set<number>();
    const seen: Seen[] = [];
    const world = async (second: number) => {
      for (const { at, count, work } of MESSAGES) if (at === second) await stack.send(count, work);
      await stack.step(second);
      counts.add(plane.desired);
      seen[second] = {
        running: plane.running.map(({ arn }) => arn),
        tasks: plane.tasks.map(({ arn }) => arn),
        busy: plane.tasks.filter(({ arn }) => workers.isBusy(arn)).map(({ arn }) => arn),
        desired: plane.desired,
      };
    };
    const interrupted: Interrupted[] = [];
    for (const at of NOTICES) {
      await hour.pass(at - hour.second, world);
      const [victim] = plane.running;
      const instanceId = victim?.host?.instanceId ?? '';
      const before = plane.desired;
      await hour.waking(() => stack.warnOf(instanceId));
      interrupted.push({ at, arn: victim?.arn ?? '', before, after: plane.desired, second: hour.second });
      await hour.pass(120, world);
      // The two minutes are over.
      await stack.endHost(instanceId);
    }
    await hour.pass(3_600 - hour.second, world);

    const changes = countChanges(hour, GROUP);
    const ticks = hour.ticks(GROUP);
    const messagesAt = (second: number) => {
      const signal = ticks.find((tick) => tick.second === second)?.decision.signals.messages;
      return signal?.kind === 'value' ? signal.value : undefined;
    };
    const firstSeen = ticks.find(({ decision: { signals } }) => shownValue(signals.messages) > 0)?.second;
    const range = [Math.min(...counts), Math.max(...counts)];
    const failed = hour.events.flatMap((event) =>
      event.kind === 'driver-called' && event.error !== undefined ? [event.error] : [],
    );
    const last = seen.at(-1);
    const gone = (arn: string) => seen.findLastIndex((each) => each?.tasks.includes(arn)) + 1;
    const idle = (arn: string) => seen.findLastIndex((each) => each?.busy.includes(arn)) + 1;
    const [warm = NOBODY, late = NOBODY] = interrupted;
    const replacedAt = ({ at }: Interrupted) =>
      seen.findIndex(
        (each, second) => second > at && each?.running.some((arn) => !seen[at]?.tasks.includes(arn)),
      );
    const firstRuns = seen.findIndex((each) => (each?.running ?? []).length > 0);
    const cooled = ticks.flatMap(({ second, decision: { limits } }) =>
      limits.filter(({ name }) => name.startsWith('cooldown')).map(({ name }) => ({ name, second })),
    );
    const gaps = (direction: 'out' | 'in') =>
      changes.flatMap(({ second, from, to }, i) => {
        const before = changes[i - 1];
        // The first task is not held back.
        const counts = before !== undefined && from > 0 && to > from === (direction === 'out');
        return counts ? [second - before.second] : [];
      });
    const longAt = changes.find(({ from, to }) => from === 2 && to === 1)?.second ?? 0;
    const kept = seen[longAt + 1]?.tasks ?? [];
    const [chosen] = (seen[2_300]?.busy ?? []).filter((arn) => kept.includes(arn));

    expect([range, countRange(0, changes)]).toEqual([
      [0, 5],
      [0, 5],
    ]);
    // 0 → 1 at the first tick that sees the first message.
    expect(changes[0]).toEqual({ second: firstSeen, from: 0, to: 1 });
    expect(firstSeen).toBeLessThanOrEqual(62 + 5);
    // One task a message, up to five, at every change.
    for (const { second, to } of changes) expect(to).toBe(Math.min(5, messagesAt(second) ?? Number.NaN));
    expect(Math.min(...gaps('out'))).toBe(30);
    expect(Math.min(...gaps('in'))).toBe(300);
    expect(new Set(cooled.map(({ name }) => name))).toEqual(new Set(['cooldown-out', 'cooldown-in']));
    // What is in flight keeps its task, long after the cooldown is over.
    expect(shownValue(ticks.find(({ second }) => second === 2_300)?.decision.signals.messages)).toBe(1);
    expect(seen[2_300]?.desired).toBe(1);
    // In the same tick, with no second in between.
    for (const { at, before, after, second } of interrupted)
      expect([second, after]).toEqual([at, before + 1]);
    // The first one finishes what it has and goes; the second one gives back what it has.
    expect(gone(warm.arn)).toBeLessThan(1_100 + 120);
    expect(workers.givenBack).toBe(1);
    expect(chosen).toBeDefined();
    expect(gone(chosen ?? '')).toBeGreaterThanOrEqual(idle(chosen ?? ''));
    expect(workers.done).toBe(TOTAL);
    // Three workers took the first eight messages in batches of three, two found none.
    expect([seen[300]?.running.length, seen[300]?.busy.length]).toEqual([5, 3]);
    expect(hosts.most).toBe(5);
    expect(last).toMatchObject({ desired: 0, tasks: [], running: [] });
    expect(failed).toEqual([]);
    expect(hour.events.filter(({ kind }) => kind === 'tick-failed')).toEqual([]);

    const table = systemTable([
      [
        'Min Count 0, Max Count 5',
        '`min: 0, max: 5`',
        `${range.join(' to ')} as the service's count, looked at each second`,
      ],
      [
        'scales on SQS queue depth, 1 message per task',
        '`backlog` of an `sqs` signal, `perReplica: 1`',
        `${shownChanges(changes)}; at each change as many as messages, up to 5`,
      ],
      [
        'nothing about the first message',
        'the first one starts the first task, whatever the cooldown',
        `sent at ${shownTime(62)}, the count was 1 at ${shownTime(firstSeen ?? 0)}, the first tick that saw it; a host booted for 120 s and the task for 30 s, and it ran at ${shownTime(firstRuns)}`,
      ],
      [
        'Scale-out Cooldown 30 s',
        '`cooldownSeconds.out: 30`',
        `7 more messages came at ${shownTime(72)}; the shortest time to a step out, but the first, was ${Math.min(...gaps('out'))} s`,
      ],
      [
        'Scale-in Cooldown 300 s',
        '`cooldownSeconds.in: 300`',
        `the shortest time from a change to a step in was ${Math.min(...gaps('in'))} s; cooldowns held a change back at ${cooled.length} ticks`,
      ],
      [
        'Visibility Timeout 900 s',
        '`count: all`, with those in flight',
        `at ${shownTime(2_300)} none waited and one was in flight, ${2_300 - longAt} s after the last change: the count was still 1`,
      ],
      [
        'no tasks are terminated abruptly',
        '`taskProtection: true`, and a worker protects itself while it has messages',
        `of two tasks the busy one was to go at ${shownTime(longAt)}; ECS took it at ${shownTime(gone(chosen ?? ''))}, when its message was done`,
      ],
      [
        'Spot interruption: 2-minute warning',
        '`interruptionQueues`, a queue that EventBridge fills',
        `at ${shownTime(warm.at)} ${warm.before} → ${warm.after} in the tick of the notice; another task ran ${replacedAt(warm) - warm.at} s later, on a host that was there; the first one was done and gone after ${gone(warm.arn) - warm.at} s`,
      ],
      [
        'the same, with more work than two minutes',
        'the worker gives back what it has when it is told to stop',
        `at ${shownTime(late.at)} ${late.before} → ${late.after}; its message was given back when the host went, and done by the other`,
      ],
      [
        'ASG 0 to 5, one task on each instance',
        "the group's `max` is the ASG's MaxSize",
        `at most ${hosts.most} instances`,
      ],
      [
        'messages are kept for 4 days',
        'a message is deleted when its work is done',
        `${workers.done} of ${TOTAL} messages done, ${workers.givenBack} of them at the second try`,
      ],
      ['On-Demand fallback', "the Auto Scaling group's own", 'not run: moto always has room'],
    ]);
    const { path, text } = pageSection('003.md', 'hour', table);
    await expect(text).toMatchFileSnapshot(path);
  });

  it('orders one task more than the maximum while one of five leaves, which finds no host until it is gone', async () => {
    await using stack = await startStack();
    const { plane, hosts } = stack;
    await using hour = await startHour(stack);
    let most = 0;
    const world = async (second: number) => {
      if (second === 2) await stack.send(15, 3_000);
      await stack.step(second);
      most = Math.max(most, plane.tasks.length);
    };
    await hour.pass(300, world);
    expect([plane.desired, plane.running.length]).toEqual([5, 5]);
    const instanceId = plane.running[0]?.host?.instanceId ?? '';
    await hour.waking(() => stack.warnOf(instanceId));
    expect(plane.desired).toBe(6);
    await hour.pass(120, world);
    expect([plane.tasks.length, plane.running.length]).toEqual([5, 5]);
    await stack.endHost(instanceId);
    await hour.pass(10, world);
    expect([plane.desired, plane.tasks.length, plane.running.length]).toEqual([5, 5, 4]);
    await hour.pass(160, world);
    expect([plane.desired, plane.running.length]).toEqual([5, 5]);
    expect([most, hosts.most]).toEqual([5, 5]);
  });
});

const GROUP = 'facerec-worker';

/** What was so at one second. */
interface Seen {
  readonly running: readonly string[];
  readonly tasks: readonly string[];
  readonly busy: readonly string[];
  readonly desired: number;
}

/** A host that got a notice, and what the service's count was before and after. */
interface Interrupted {
  readonly at: number;
  readonly arn: string;
  readonly before: number;
  readonly after: number;
  readonly second: number;
}

/** In the place of a notice that wasn't sent. */
const NOBODY: Interrupted = { at: 0, arn: '', before: 0, after: 0, second: 0 };

function shownValue(signal: { readonly kind: string; readonly value?: number } | undefined): number {
  return signal?.kind === 'value' ? (signal.value ?? Number.NaN) : Number.NaN;
}
