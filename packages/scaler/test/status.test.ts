import { expect, it } from 'vitest';
import { decision, group, NOW_MS, replica, startApi } from './api-under-test.ts';

const MEMORY = { type: 'target-tracking', name: 'memory', weight: 1, signal: 'memory_percent' } as const;
const twoGroups = () => [
  group(),
  group({
    name: 'gpu',
    class: 'gpu',
    min: 0,
    initial: 0,
    max: 3,
    policies: [{ ...MEMORY, target: 80, of: 'each', tolerance: { out: 0.1, in: 0.1 } }],
  }),
];

it('tells the status of one group, by the names of document 004', async () => {
  await using api = await startApi();
  api.commit(decision(), [
    replica('a'),
    replica('b'),
    replica('c', { state: { kind: 'launching' } }),
    replica('d', { state: { kind: 'draining', sinceMs: NOW_MS, deadlineMs: NOW_MS + 1 } }),
    replica('e', { state: { kind: 'terminating', sinceMs: NOW_MS, cause: 'empty', because: 'empty' } }),
  ]);
  const last_scaling = {
    group: 'default',
    at: '2027-01-15T08:00:00.000Z',
    from: 2,
    to: 3,
    reason: 'Scaling up based on cpu-based-scaling',
  };
  const shared = {
    current_instances: 3,
    ready_instances: 2,
    starting_instances: 1,
    draining_instances: 2,
    unhealthy_instances: 0,
    desired_instances: 3,
    min_instances: 2,
    max_instances: 10,
    thresholds: { cpu_threshold: 70, memory_threshold: null },
    metrics: { cpu_percent: 93.5, memory_percent: null },
    driver: 'process',
    paused: false,
    last_scaling,
  };
  const own = { name: 'default', class: 'cpu', enabled: true, paused_directions: [], manual: null };
  const { status, headers, json } = await api.call('/scaling/status');
  expect([status, headers['content-type']]).toEqual([200, 'application/json']);
  expect(json()).toEqual({ ...shared, dry_run: false, groups: [{ ...shared, ...own }] });
});

it('tells the status before the first tick', async () => {
  await using api = await startApi({ dryRun: true });
  expect((await api.call('/scaling/status')).json()).toMatchObject({
    current_instances: 0,
    desired_instances: 2,
    metrics: {},
    dry_run: true,
    last_scaling: null,
  });
});

it('sums counts over groups; thresholds and metrics are those of default', async () => {
  await using api = await startApi({ groups: twoGroups, driverOf: (name) => `driver of ${name}` });
  api.commit(decision(), [replica('a')]);
  api.commit(decision({ group: 'gpu', current: 0, target: 1, decidedAtMs: NOW_MS + 5, signals: {} }), [
    replica('g', { group: 'gpu' }),
  ]);
  api.store.setPaused('gpu', { in: true, out: false });
  expect((await api.call('/scaling/status')).json()).toMatchObject({
    current_instances: 2,
    desired_instances: 4,
    min_instances: 2,
    max_instances: 13,
    thresholds: { cpu_threshold: 70, memory_threshold: null },
    metrics: { cpu_percent: 93.5, memory_percent: null },
    driver: 'driver of default',
    paused: true,
    last_scaling: { group: 'gpu', from: 0, to: 1 },
    groups: [
      { name: 'default', paused: false, desired_instances: 3 },
      {
        name: 'gpu',
        class: 'gpu',
        driver: 'driver of gpu',
        paused: true,
        paused_directions: ['in'],
        desired_instances: 1,
        thresholds: { cpu_threshold: null, memory_threshold: 80 },
      },
    ],
  });
});

it('shows a count set by hand until its time is up', async () => {
  await using api = await startApi();
  api.store.setManual('default', { target: 5, reason: 'tournament', untilMs: NOW_MS + 1_000 });
  const manual = async () =>
    ((await api.call('/scaling/status')).json() as { groups: readonly { manual: unknown }[] }).groups[0]
      ?.manual;
  expect(await manual()).toEqual({
    target_instances: 5,
    reason: 'tournament',
    expires_at: '2027-01-15T08:00:01.000Z',
  });
  await api.clock.advance(1_000);
  expect(await manual()).toBeNull();
});

const RECORD = {
  scaling_needed: true,
  current_instances: 2,
  target_instances: 3,
  reason: 'Scaling up based on cpu-based-scaling',
  signals: {
    cpu_percent: { kind: 'value', value: 93.5, age_seconds: 2 },
    memory_percent: { kind: 'missing', reason: 'no answer', age_seconds: 5 },
  },
  decided_at: '2027-01-15T08:00:00.000Z',
  dry_run: false,
};
const VOTES = [
  {
    kind: 'wants',
    policy: 'cpu-based-scaling',
    replicas: 3,
    order: 3,
    target_instances: 3,
    because: '93.5 is above 70',
    figures: { value: 93.5, above: 70, below: 35 },
    held: null,
  },
  { kind: 'abstains', policy: 'memory', because: 'no answer', lost_signal: true },
];
const LIMIT = {
  name: 'cooldown-in',
  from: 1,
  to: 2,
  because: 'scaled 5 s ago',
  until: '2027-01-15T08:01:00.000Z',
};
const GROUP_RECORD = {
  ...RECORD,
  group: 'default',
  ready_instances: 2,
  starting_instances: 1,
  draining_instances: 0,
  wanted_instances: 3,
  votes: VOTES,
  limits: [LIMIT],
};

it('shows the last tick’s decision, every field of it', async () => {
  await using api = await startApi();
  api.commit(decision({ decidedAtMs: NOW_MS - 5_000, reason: 'older' }));
  api.commit(decision());
  expect((await api.call('/scaling/decision')).json()).toEqual({
    ...RECORD,
    votes: VOTES.map((vote) => ({ group: 'default', ...vote })),
    limits: [{ group: 'default', ...LIMIT }],
    groups: [GROUP_RECORD],
  });
});

it('sums the decisions of several groups', async () => {
  await using api = await startApi({ groups: twoGroups });
  const held = { group: 'gpu', current: 1, target: 1, votes: [], limits: [], reason: 'enough' };
  api.commit(decision({ ...held, decidedAtMs: NOW_MS + 1_000 }));
  api.commit(decision());
  expect((await api.call('/scaling/decision')).json()).toMatchObject({
    scaling_needed: true,
    current_instances: 3,
    target_instances: 4,
    reason: 'default: Scaling up based on cpu-based-scaling; gpu: enough',
    decided_at: '2027-01-15T08:00:01.000Z',
    groups: [{ group: 'default' }, { group: 'gpu', scaling_needed: false }],
  });
});

it('has a decision before the first tick, that nothing is needed', async () => {
  await using api = await startApi();
  expect((await api.call('/scaling/decision')).json()).toEqual({
    scaling_needed: false,
    current_instances: 0,
    target_instances: 0,
    reason: 'nothing was decided yet: the first tick is still to come',
    votes: [],
    limits: [],
    signals: {},
    decided_at: null,
    dry_run: false,
    groups: [],
  });
});

it('lists decisions from the newest, as many as asked for, of one group if asked', async () => {
  await using api = await startApi({ groups: twoGroups });
  for (const [i, name] of ['default', 'gpu', 'default'].entries()) {
    api.commit(decision({ group: name, reason: `tick ${i}` }));
  }
  const reasons = async (query: string) =>
    (
      (await api.call(`/scaling/decisions${query}`)).json() as { decisions: readonly { reason: string }[] }
    ).decisions.map(({ reason }) => reason);
  expect(await reasons('')).toEqual(['tick 2', 'tick 1', 'tick 0']);
  expect(await reasons('?limit=2')).toEqual(['tick 2', 'tick 1']);
  expect(await reasons('?limit=1000&group=gpu')).toEqual(['tick 1']);
  const { decisions } = (await api.call('/scaling/decisions?limit=1')).json() as {
    decisions: readonly unknown[];
  };
  expect(decisions).toEqual([{ ...GROUP_RECORD, reason: 'tick 2' }]);
});

it.each([
  ['limit=0', 'limit'],
  ['limit=1001', 'limit'],
  ['limit=-1', 'limit'],
  ['limit=ten', 'limit'],
  ['limit=1.5', 'limit'],
  ['limit=1&limit=2', 'limit'],
  ['limit=', 'limit'],
  ['group=cpu', 'group'],
  ['limits=5', 'limits'],
])('refuses decisions?%s, naming %s', async (query, field) => {
  await using api = await startApi();
  const answer = await api.call(`/scaling/decisions?${query}`);
  expect([answer.status, answer.json()]).toEqual([
    400,
    { error: { field, message: expect.stringContaining(field), code: 'invalid_request' } },
  ]);
});
