import { describe, expect, it } from 'vitest';
import {
  decisionOf,
  missing,
  NOW_MS,
  policyContext,
  sample,
  samples,
} from '../decide/decision.test-support.ts';
import {
  backlog,
  cpuThreshold,
  cpuTracking,
  queuedWorkPolicy,
} from '../values/group-settings.test-support.ts';
import type { PolicySettings, StepSettings } from '../values/group-settings.ts';
import type { Sample } from '../values/sample.ts';
import type { PolicyContext } from './policy-context.ts';
import { voteOf } from './vote-of.ts';

/** The replicas that a policy wants; undefined when it abstains. */
function wanted(settings: PolicySettings, context: Partial<PolicyContext>): number | undefined {
  const vote = voteOf(settings, policyContext(context));
  return vote.kind === 'wants' ? Number(vote.replicas.toFixed(6)) : undefined;
}

const cpu = (percent: number) => ({ samples: samples({ cpu_percent: percent }) });
const queue = (messages: number) => ({ samples: samples({ queue: messages }) });
const total = cpuTracking({ of: 'total', signal: 'queue', target: 20 });

describe("target tracking (HPA's formula)", () => {
  it.each<[string, Partial<PolicyContext>, number | undefined]>([
    ['4 at 90 % of 60 want 6', { ...cpu(90) }, 6],
    [
      'one more that starts takes nothing from it',
      { ...cpu(90), current: 5, ready: 4, startingAgesSeconds: [9] },
      6,
    ],
    [
      'those that start are enough',
      { ...cpu(75), current: 8, ready: 4, startingAgesSeconds: [1, 1, 1, 1] },
      8,
    ],
    ['at the target it wants what there is', { ...cpu(60) }, 4],
    [
      'at the target those that start stay',
      { ...cpu(60), current: 6, ready: 4, startingAgesSeconds: [1, 2] },
      6,
    ],
    [
      'below it those that start count as busy as the target',
      { ...cpu(30), current: 6, ready: 4, startingAgesSeconds: [1, 2] },
      4,
    ],
    ['4 at 30 % want 2', { ...cpu(30) }, 2],
    ['idle ones want none', { ...cpu(0) }, 0],
    ['above the target replicas that were lost are not given up', { ...cpu(90), current: 5, ready: 2 }, 5],
    ['nobody is ready: it can not tell', { ...cpu(90), ready: 0 }, undefined],
  ])('%s', (_, context, replicas) => {
    expect(wanted(cpuTracking(), context)).toBe(replicas);
  });

  it.each([
    ['a sum is divided by the target, whatever is ready', queue(90), 4.5],
    ['nothing wants none', queue(0), 0],
  ])('%s', (_, context, replicas) => {
    expect(wanted(total, { ...context, ready: 0, current: 2 })).toBe(replicas);
  });

  it.each([
    ['out', 90, [2, 2, 3], 3],
    ['in', 20, [6, 6, 2], 2],
  ])('asks for the same count with the same value after it scaled %s', (_, percent, readyThen, replicas) => {
    const past = readyThen.map((ready, i) => decisionOf(180 - 60 * i, { ready }));
    const measured = { kind: 'value', value: percent, atMs: NOW_MS - 181_000 } as const;
    const ready = readyThen.at(-1) ?? 0;
    const context = {
      samples: { cpu_percent: measured },
      past,
      ready,
      current: ready,
      staleAfterSeconds: 600,
    };
    expect(wanted(cpuTracking(), context)).toBe(replicas);
  });

  it('hands its tolerance on', () => {
    const vote = voteOf(cpuTracking({ tolerance: { out: 0.3, in: 0.2 } }), policyContext(cpu(90)));
    expect(vote).toMatchObject({
      tolerance: { out: 0.3, in: 0.2 },
      because: '4 ready × cpu_percent 90 / 60',
    });
  });
});

describe('one message per task (document 003)', () => {
  it.each([
    ['the first message starts the first task', 1, 1],
    ['three want three', 3, 3],
    ['none wants none', 0, 0],
    ['a negative count is none', -2, 0],
  ])('%s', (_, messages, replicas) => {
    expect(wanted(backlog(), queue(messages))).toBe(replicas);
  });

  it('shares requests out at so many per replica', () => {
    const rate: PolicySettings = {
      type: 'request-rate',
      name: 'rate',
      weight: 1,
      signal: 'requests_per_second',
      perReplica: 40,
    };
    expect(wanted(rate, { samples: samples({ requests_per_second: 100 }) })).toBe(2.5);
  });
});

describe('jobs per host (document 001)', () => {
  it.each<[string, 'sqrt' | 'linear', number, number, number]>([
    ['100 jobs want capacity for 120', 'sqrt', 2, 100, 3],
    ['1 job wants capacity for 3', 'sqrt', 2, 1, 3 / 40],
    ['no jobs want none', 'sqrt', 2, 0, 0],
    ['a factor of 1.3', 'linear', 1.3, 100, 3.25],
    ['a factor of no jobs', 'linear', 1.3, 0, 0],
  ])('%s', (_, formula, margin, jobs, replicas) => {
    const settings: PolicySettings = {
      type: 'jobs-per-host',
      name: 'jobs',
      weight: 1,
      signal: 'queue',
      formula,
      margin,
      jobsPerHost: 40,
    };
    expect(wanted(settings, queue(jobs))).toBeCloseTo(replicas, 6);
  });
});

describe('threshold (document 004)', () => {
  it.each([
    ['85 % of 4 at 1.5 want 6', 85, 4, 6],
    ['out by one at least', 85, 1, 2],
    ['20 % of 4 at 0.7 want 2.8', 20, 4, 2.8],
    ['in by one at least', 20, 2, 1],
    ['the upper threshold itself is inside', 70, 4, 4],
    ['the lower threshold itself is inside', 35, 4, 4],
  ])('%s', (_, percent, current, replicas) => {
    expect(wanted(cpuThreshold(), { ...cpu(percent), current, ready: current })).toBe(replicas);
  });

  it('says nothing while nobody is ready, and holds scale-in when somebody should be', () => {
    const lostSignal = (current: number) => {
      const vote = voteOf(cpuThreshold(), policyContext({ ...cpu(0), current, ready: 0 }));
      return vote.kind === 'abstains' ? vote.lostSignal : vote;
    };
    expect([lostSignal(0), lostSignal(2)]).toEqual([false, true]);
  });
});

describe('steps', () => {
  const steps: StepSettings['steps'] = [
    { from: 100, change: { type: 'percent', value: 30 } },
    { from: 500, change: { type: 'exactly', value: 9 } },
    { from: 10, change: { type: 'replicas', value: 1 } },
    { change: { type: 'percent', value: -30 } },
  ];
  const settings: StepSettings = { type: 'step', name: 'steps', weight: 1, signal: 'queue', steps };

  it.each([
    ['the band begins with its own bound', 10, 4, 5],
    ['and ends below the next', 99.9, 4, 5],
    ['a percentage is cut to whole replicas', 100, 4, 5],
    ['but moves by one', 100, 1, 2],
    ['also from nothing', 100, 0, 1],
    ['the highest band counts, whatever the order', 501, 4, 9],
    ['below all others', 9, 4, 3],
    ['below all others by one at least', 9, 1, 0],
    ['not below nothing', 9, 0, 0],
  ])('%s', (_, messages, current, replicas) => {
    expect(wanted(settings, { ...queue(messages), current })).toBe(replicas);
  });

  it('stays in no band', () => {
    expect(wanted({ ...settings, steps: steps.slice(0, 1) }, queue(1))).toBe(4);
  });

  it('moves by nothing for a percentage of 0', () => {
    expect(wanted({ ...settings, steps: [{ change: { type: 'percent', value: 0 } }] }, queue(1))).toBe(4);
  });
});

describe('a signal that can not be read', () => {
  const rate: PolicySettings = {
    type: 'request-rate',
    name: 'rate',
    weight: 1,
    signal: 'queue',
    perReplica: 1,
  };
  const jobs: PolicySettings = {
    type: 'jobs-per-host',
    name: 'jobs',
    weight: 1,
    signal: 'queue',
    formula: 'sqrt',
    margin: 2,
    jobsPerHost: 1,
  };
  const policies: readonly PolicySettings[] = [
    backlog(),
    rate,
    jobs,
    total,
    cpuTracking({ signal: 'queue' }),
    cpuThreshold({ signal: 'queue' }),
    { type: 'step', name: 'steps', weight: 1, signal: 'queue', steps: [] },
    queuedWorkPolicy(),
  ];
  const lost: readonly [string, PolicyContext['samples'], string][] = [
    ['not measured', {}, 'is not measured'],
    ['missing', { queue: missing(), queued_chunks: missing() }, 'is missing: no answer'],
    ['stale', { queue: sample(5, 31), queued_chunks: sample(5, 31) }, 'is 31 s old, more than 30 s'],
  ];
  it.each(policies.flatMap((settings) => lost.map((row) => [settings.type, row[0], settings, row] as const)))(
    'makes %s abstain: %s',
    (_type, _how, settings, [, given, because]) => {
      const vote = voteOf(settings, policyContext({ samples: given }));
      expect(vote).toEqual({
        kind: 'abstains',
        policy: settings.name,
        lostSignal: true,
        because: expect.stringContaining(because),
      });
    },
  );

  it('takes no value for stale before its source publishes another', () => {
    const ages = [700, 721].map((ageSeconds) =>
      wanted(backlog(), { samples: { queue: { ...sample(3, ageSeconds), freshForSeconds: 720 } as Sample } }),
    );
    expect(ages).toEqual([3, undefined]);
  });

  it('counts as fresh at its last second, and when its time stamp lies ahead', () => {
    const ages = [30, 30.001, -5].map((age) => wanted(backlog(), { samples: { queue: sample(2, age) } }));
    expect(ages).toEqual([2, undefined, 2]);
  });
});
