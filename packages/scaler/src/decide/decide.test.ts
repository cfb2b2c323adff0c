import { expect, it } from 'vitest';
import { backlog, groupSettings, queuedWorkPolicy } from '../values/group-settings.test-support.ts';
import { type DecideInput, decide, historySeconds } from './decide.ts';
import {
  decideInput,
  decisionOf,
  missing,
  NOW_MS,
  pastVotes,
  sample,
  samples,
  seenValues,
  wish,
} from './decision.test-support.ts';

const queue = (messages: number) => ({ samples: samples({ queue: messages }) });

it('leaves a record of everything that it rests on', () => {
  const settings = groupSettings({ policies: [backlog(), backlog({ name: 'others', signal: 'gone' })] });
  const given = { queue: sample(7, 3), gone: missing(), old: sample(1, 31) };
  const decision = decide(
    decideInput({ settings, samples: given, ready: 3, startingAgesSeconds: [5], draining: 2 }),
  );
  const vote = wish(7, {
    because: 'queue 7 over 1 per replica',
    figures: { value: 7, value_per_replica: 1 },
  });
  const because = 'gone is missing: no answer';
  expect(decision).toEqual({
    group: 'cpu',
    decidedAtMs: NOW_MS,
    current: 4,
    target: 7,
    ready: 3,
    starting: 1,
    draining: 2,
    signals: {
      queue: { kind: 'value', value: 7, ageSeconds: 3 },
      gone: { kind: 'missing', reason: 'no answer', ageSeconds: 0 },
      old: { kind: 'stale', value: 1, ageSeconds: 31 },
    },
    votes: [
      { vote, target: 7 },
      { vote: { kind: 'abstains', policy: 'others', because, lostSignal: true }, target: 4 },
    ],
    wanted: 7,
    limits: [],
    reason: 'Scaling up based on messages: queue 7 over 1 per replica',
    dryRun: false,
  });
});

it('says in a dry run what it would do', () => {
  expect(decide(decideInput({ ...queue(6), dryRun: true }))).toMatchObject({
    target: 6,
    dryRun: true,
    limits: [{ name: 'dry-run', from: 6, to: 4, because: 'dry run: 4 would become 6' }],
  });
});

it.each<[string, Partial<DecideInput>, number]>([
  ['starts a new group with its initial count', { ready: 0, settings: groupSettings({ initial: 3 }) }, 3],
  ['keeps what runs already, when that is more', { ready: 5, settings: groupSettings({ initial: 3 }) }, 5],
  [
    'tops up what runs already',
    { ready: 1, startingAgesSeconds: [9], settings: groupSettings({ initial: 3 }) },
    3,
  ],
  ['but not above the maximum', { ready: 12, settings: groupSettings({ initial: 3 }) }, 10],
  [
    'starts all at once, whatever the velocity',
    {
      ready: 0,
      settings: groupSettings({
        initial: 3,
        velocity: {
          out: { rules: [{ type: 'percent', value: 50, periodSeconds: 60 }], select: 'max' },
          in: { rules: [], select: 'max' },
        },
      }),
    },
    3,
  ],
])('%s', (_, given, target) => {
  expect(decide(decideInput({ current: undefined, ...given })).target).toBe(target);
});

it.each([
  [
    'a gap in the history',
    pastVotes(400, () => [wish(1)]).filter(
      ({ decidedAtMs }) => decidedAtMs > NOW_MS - 50_000 || decidedAtMs < NOW_MS - 100_000,
    ),
  ],
  [
    'a history that lies ahead',
    pastVotes(400, () => [wish(1)]).map((each) => ({ ...each, decidedAtMs: each.decidedAtMs + 3_600_000 })),
  ],
])('holds a scale-in after %s', (_, past) => {
  const settings = groupSettings({ stabilizationSeconds: { out: 0, in: 300 } });
  expect(decide(decideInput({ ...queue(1), settings, past })).target).toBe(4);
});

it('forgets arrivals from before a gap', () => {
  const settings = groupSettings({ policies: [queuedWorkPolicy()], max: 1_000 });
  const past = [58, 54, 50].map((ago) =>
    decisionOf(ago, { signals: seenValues({ arrivals_per_second: 5_000 }) }),
  );
  const given = {
    settings,
    past,
    samples: samples({ arrivals_per_second: 16, queued_chunks: 0 }),
    learnedChunksPerSecond: 10,
  };
  expect(decide(decideInput(given)).target).toBe(2);
});

it('scales in over a history without a gap', () => {
  const settings = groupSettings({ stabilizationSeconds: { out: 0, in: 300 } });
  expect(decide(decideInput({ ...queue(1), settings, past: pastVotes(400, () => [wish(1)]) })).target).toBe(
    1,
  );
});

it('looks back as far as the longest window or period, and two ticks', () => {
  const settings = groupSettings({ stabilizationSeconds: { out: 0, in: 3_000 }, intervalSeconds: 7 });
  expect(historySeconds(settings)).toBe(3_014);
});

it.each([
  ['goes on with a cut that velocity slows, when its period is over', 60, 9, 'paced', 7],
  ['holds it for that period', 55, 9, 'paced', 8],
  ['holds a cut for its window after the count grew', 60, 6, 'paced', 8],
  ['holds a second cut for its window where nothing paces it', 60, 9, 'free', 8],
] as const)('%s', (_name, changedAgo, from, pace, target) => {
  const one = { type: 'replicas', value: 1, periodSeconds: 60 } as const;
  const settings = groupSettings({
    policies: [backlog()],
    stabilizationSeconds: { out: 0, in: 300 },
    velocity: {
      out: { rules: [], select: 'max' },
      in: { rules: pace === 'paced' ? [one] : [], select: 'max' },
    },
  });
  const changes = [{ atMs: NOW_MS - changedAgo * 1_000, from, to: 8 }];
  const past = pastVotes(400, () => [wish(2)]);
  expect(decide(decideInput({ ...queue(2), settings, current: 8, changes, past })).target).toBe(target);
});
