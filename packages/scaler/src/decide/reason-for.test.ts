import { expect, it } from 'vitest';
import { backlog, cpuThreshold, groupSettings } from '../values/group-settings.test-support.ts';
import { type DecideInput, decide } from './decide.ts';
import { decideInput, missing, NOW_MS, samples } from './decision.test-support.ts';

const queue = (messages: number) => ({ samples: samples({ queue: messages }) });
const cpu = { policies: [cpuThreshold()] };
const manual = (target: number) => ({ target, reason: 'launch day', untilMs: NOW_MS + 60_000 });

it.each<[string, Partial<DecideInput>, string]>([
  [
    'document 004: out',
    { current: 2, settings: groupSettings(cpu), samples: samples({ cpu_percent: 85 }) },
    'Scaling up based on cpu-based-scaling: cpu_percent 85 is above 70',
  ],
  [
    'document 004: in',
    { settings: groupSettings(cpu), samples: samples({ cpu_percent: 20 }) },
    'Scaling down based on cpu-based-scaling: cpu_percent 20 is below 35',
  ],
  [
    'the policy that wants most',
    {
      settings: groupSettings({
        policies: [
          backlog(),
          backlog({ name: 'half', perReplica: 2 }),
          backlog({ name: 'few', perReplica: 3 }),
        ],
      }),
      samples: samples({ queue: 9 }),
    },
    'Scaling up based on messages: queue 9 over 1 per replica',
  ],
  ['no change', queue(4), 'No change at 4: messages, queue 4 over 1 per replica'],
  [
    'a limit that lets some through',
    queue(12),
    "Scaling up based on messages: queue 12 over 1 per replica; max allows 10, not 12: the group's maximum is 10",
  ],
  [
    'a limit that lets nothing through',
    { ...queue(7), blocked: 'the platform does not answer' },
    'No change at 4, 7 wanted: driver, the platform does not answer',
  ],
  [
    'a minimum that was raised',
    { ...queue(4), settings: groupSettings({ min: 6 }) },
    "Scaling up: the group's minimum is 6",
  ],
  [
    'a maximum that was lowered',
    { ...queue(4), settings: groupSettings({ max: 3 }) },
    "Scaling down: the group's maximum is 3",
  ],
  [
    'what holds a vote',
    { ...queue(1), settings: groupSettings({ stabilizationSeconds: { out: 0, in: 300 } }) },
    'No change at 4: messages, votes of the last 300 s are not all known',
  ],
  ['silence', { samples: { queue: missing() } }, 'No change at 4: queue is missing: no answer'],
  ['no policies', { settings: groupSettings({ policies: [] }) }, 'No change at 4: no policy is set'],
  [
    'the first decision',
    { current: undefined, ready: 0, settings: groupSettings({ initial: 2 }) },
    "Scaling up to the group's initial count",
  ],
  ['by hand, a change', { ...queue(4), manual: manual(6) }, 'Scaling up, set by hand: launch day'],
  ['by hand, none', { ...queue(9), manual: manual(4) }, 'Held at 4, set by hand: launch day'],
  [
    'by hand, more than the maximum',
    { ...queue(4), manual: manual(60) },
    "Scaling up, set by hand: launch day; max allows 10, not 60: the group's maximum is 10",
  ],
  [
    'by hand, and the platform does not answer',
    { ...queue(4), manual: manual(6), blocked: 'no answer' },
    'Held at 4, set by hand: launch day; driver allows 4, not 6: no answer',
  ],
])('%s', (_, given, reason) => {
  expect(decide(decideInput(given)).reason).toBe(reason);
});
