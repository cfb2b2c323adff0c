import { describe, expect, it } from 'vitest';
import type { OverrideOutcome } from '../src/routes/config-routes.ts';
import { openSqliteStore } from '../src/store/sqlite-store.ts';
import type { GroupSettings } from '../src/values/group-settings.ts';
import { group, NOW_MS, startApi } from './api-under-test.ts';

const twoGroups = () => [group({ name: 'small' }), group({ name: 'large', max: 3 })];

describe('POST and DELETE /scaling/scale', () => {
  it('holds a count for an hour, asks for a tick, and lets go', async () => {
    await using api = await startApi();
    const body = { target_instances: 5, reason: 'Handling major tournament' };
    const set = await api.call('/scaling/scale', { method: 'POST', body });
    expect([set.status, set.json(), api.wakes()]).toEqual([
      200,
      { group: 'default', ...body, expires_at: '2027-01-15T09:00:00.000Z' },
      1,
    ]);
    expect(api.store.load('default').manual).toEqual({
      target: 5,
      reason: body.reason,
      untilMs: NOW_MS + 3_600_000,
    });
    const release = () => api.call('/scaling/scale', { method: 'DELETE' });
    expect((await release()).json()).toEqual({ group: 'default', released: true });
    expect([api.store.load('default').manual, api.wakes()]).toEqual([undefined, 2]);
    expect((await release()).json()).toEqual({ group: 'default', released: false });
  });

  it('takes a group and a time of its own', async () => {
    await using api = await startApi({ groups: twoGroups });
    const body = { target_instances: 3, reason: 'x', group: 'large', expires_in_seconds: 90 };
    const set = await api.call('/scaling/scale', { method: 'POST', body });
    expect(set.json()).toMatchObject({ group: 'large', expires_at: '2027-01-15T08:01:30.000Z' });
    expect(api.store.load('small').manual).toBeUndefined();
    expect((await api.call('/scaling/scale?group=large', { method: 'DELETE' })).json()).toEqual({
      group: 'large',
      released: true,
    });
  });

  it.each([
    [{ target_instances: 1, reason: 'x' }, 'target_instances', 'at least min_instances, 2; got 1'],
    [{ target_instances: 11, reason: 'x' }, 'target_instances', 'at most max_instances, 10; got 11'],
    [{ target_instances: -1, reason: 'x' }, 'target_instances', 'at least min_instances, 2'],
    [{ target_instances: 2.5, reason: 'x' }, 'target_instances', 'must be a whole number'],
    [{ target_instances: '5', reason: 'x' }, 'target_instances', 'got "5"'],
    [{ target_instances: null, reason: 'x' }, 'target_instances', 'got null'],
    [{ target_instances: [5], reason: 'x' }, 'target_instances', 'got a list'],
    [{ target_instances: 1e300, reason: 'x' }, 'target_instances', 'must be a whole number'],
    [{ reason: 'x' }, 'target_instances', 'it is missing'],
    [{ target_instances: 5 }, 'reason', 'it is missing'],
    [{ target_instances: 5, reason: ' ' }, 'reason', 'must be a text of 1 to 500 characters'],
    [{ target_instances: 5, reason: 'x'.repeat(501) }, 'reason', 'must be a text of 1 to 500 characters'],
    [{ target_instances: 5, reason: 7 }, 'reason', 'got 7'],
    [{ target_instances: 5, reason: 'x', group: 'defualt' }, 'group', 'did you mean default?'],
    [{ target_instances: 5, reason: 'x', group: 7 }, 'group', 'must be the name of a group'],
    [{ target_instances: 5, reason: 'x', expires_in_seconds: 0 }, 'expires_in_seconds', 'from 1 to'],
    [{ target_instances: 5, reason: 'x', expires_in_seconds: 1e9 }, 'expires_in_seconds', 'from 1 to'],
    [{ target_instances: 5, reason: 'x', expires_in_seconds: '60' }, 'expires_in_seconds', 'got "60"'],
    [{ target_instance: 5, reason: 'x' }, 'target_instance', 'did you mean target_instances?'],
    [{ target_instances: 5, reason: 'x', constructor: 1 }, 'constructor', 'there is no field'],
  ])('refuses %j, naming %s', async (body, field, says) => {
    await using api = await startApi();
    const answer = await api.call('/scaling/scale', { method: 'POST', body });
    const error = { field, message: expect.stringContaining(says), code: 'invalid_request' };
    expect([answer.status, answer.json()]).toEqual([400, { error: expect.objectContaining(error) }]);
    expect([api.store.load('default').manual, api.wakes()]).toEqual([undefined, 0]);
  });

  it('needs to know which of several groups is meant', async () => {
    await using api = await startApi({ groups: twoGroups });
    const answers = [
      await api.call('/scaling/scale', { method: 'POST', body: { target_instances: 3, reason: 'x' } }),
      await api.call('/scaling/scale', { method: 'DELETE' }),
    ];
    for (const answer of answers) {
      expect([answer.status, answer.json()]).toEqual([
        400,
        {
          error: {
            field: 'group',
            message: 'group is missing: it must be one of small, large',
            code: 'invalid_request',
          },
        },
      ]);
    }
  });

  it('names all that is wrong with a body', async () => {
    await using api = await startApi();
    const answer = await api.call('/scaling/scale', { method: 'POST', body: { target: 5 } });
    expect(answer.json()).toEqual({
      error: {
        field: 'target',
        message: expect.stringContaining('there is no field "target"'),
        code: 'invalid_request',
        problems: [
          { field: 'target', message: expect.any(String) },
          { field: 'target_instances', message: expect.stringContaining('it is missing') },
          { field: 'reason', message: expect.stringContaining('it is missing') },
        ],
      },
    });
  });
});

describe('POST /scaling/pause and /scaling/resume', () => {
  it('holds all groups in both directions without a body, and lets go', async () => {
    await using api = await startApi({ groups: twoGroups });
    const paused = await api.call('/scaling/pause', { method: 'POST' });
    const each = (directions: readonly string[]) =>
      ['small', 'large'].map((name) => ({
        name,
        paused: directions.length > 0,
        paused_directions: directions,
      }));
    expect([paused.status, paused.json()]).toEqual([200, { paused: true, groups: each(['in', 'out']) }]);
    expect(api.store.load('small').paused).toEqual({ in: true, out: true });
    const resumed = await api.call('/scaling/resume', { method: 'POST', body: {} });
    expect([resumed.json(), api.wakes()]).toEqual([{ paused: false, groups: each([]) }, 2]);
  });

  it('holds one direction of one group and leaves the other as it was', async () => {
    await using api = await startApi({ groups: twoGroups });
    await api.call('/scaling/pause', { method: 'POST', body: { group: 'large', direction: 'in' } });
    await api.call('/scaling/pause', { method: 'POST', body: { group: 'large', direction: 'out' } });
    await api.call('/scaling/resume', { method: 'POST', body: { group: 'large', direction: 'in' } });
    expect([api.store.load('large').paused, api.store.load('small').paused]).toEqual([
      { in: false, out: true },
      { in: false, out: false },
    ]);
  });

  it.each([
    [{ direction: 'up' }, 'direction'],
    [{ direction: ['in'] }, 'direction'],
    [{ group: 'x' }, 'group'],
    [{ groups: 'default' }, 'groups'],
  ])('refuses %j, naming %s', async (body, field) => {
    await using api = await startApi();
    for (const path of ['/scaling/pause', '/scaling/resume']) {
      const answer = await api.call(path, { method: 'POST', body });
      expect([answer.status, answer.json()]).toMatchObject([400, { error: { field } }]);
    }
    expect(api.wakes()).toBe(0);
  });
});

describe('/scaling/priorities', () => {
  const MATCH = { match_id: 'match-123', priority: 8, resource_allocation: 30 };

  it('keeps, replaces, lists and forgets them; a match_id is echoed', async () => {
    await using api = await startApi();
    const post = (body: unknown) => api.call('/scaling/priorities', { method: 'POST', body });
    const first = await post(MATCH);
    expect([first.status, first.json()]).toEqual([201, { id: 'match-123', ...MATCH, weight: 4.525 }]);
    const second = await post({ id: 'match-123', priority: 5, resource_allocation: 0 });
    expect([second.status, second.json()]).toEqual([
      200,
      { id: 'match-123', priority: 5, resource_allocation: 0, weight: 1 },
    ]);
    expect((await api.call('/scaling/priorities')).json()).toEqual({
      priorities: [
        { id: 'match-123', match_id: 'match-123', priority: 5, resource_allocation: 0, weight: 1 },
      ],
    });
    const drop = () => api.call('/scaling/priorities/match-123', { method: 'DELETE' });
    const [dropped, again] = [await drop(), await drop()];
    expect([dropped.status, dropped.json()]).toEqual([
      200,
      { id: 'match-123', match_id: 'match-123', deleted: true },
    ]);
    expect([again.status, again.json()]).toEqual([
      404,
      { error: { message: 'there is no priority of "match-123"', code: 'not_found' } },
    ]);
  });

  it('takes an id of any printable characters, percent-encoded in the path', async () => {
    await using api = await startApi();
    const id = 'a/b c?%:é'.replace('é', '~');
    await api.call('/scaling/priorities', {
      method: 'POST',
      body: { id, priority: 0, resource_allocation: 100 },
    });
    const path = `/scaling/priorities/${encodeURIComponent(id)}`;
    expect((await api.call(path, { method: 'DELETE' })).status).toBe(200);
    expect((await api.call('/scaling/priorities/%zz', { method: 'DELETE' })).status).toBe(400);
  });

  it.each([
    [{ ...MATCH, priority: 11 }, 'priority'],
    [{ ...MATCH, priority: -0.1 }, 'priority'],
    [{ ...MATCH, priority: '8' }, 'priority'],
    [{ match_id: 'm', resource_allocation: 1 }, 'priority'],
    [{ ...MATCH, resource_allocation: 101 }, 'resource_allocation'],
    [{ ...MATCH, resource_allocation: -1 }, 'resource_allocation'],
    [{ match_id: 'm', priority: 1 }, 'resource_allocation'],
    [{ priority: 1, resource_allocation: 1 }, 'id'],
    [{ ...MATCH, match_id: '' }, 'match_id'],
    [{ ...MATCH, match_id: ' m' }, 'match_id'],
    [{ ...MATCH, match_id: 'é' }, 'match_id'],
    [{ ...MATCH, match_id: 'x'.repeat(129) }, 'match_id'],
    [{ ...MATCH, match_id: 7 }, 'match_id'],
    [{ ...MATCH, id: 'other' }, 'match_id'],
    [{ ...MATCH, matchid: 'm' }, 'matchid'],
  ])('refuses %j, naming %s', async (body, field) => {
    await using api = await startApi();
    const answer = await api.call('/scaling/priorities', { method: 'POST', body });
    expect([answer.status, answer.json()]).toMatchObject([
      400,
      { error: { field, code: 'invalid_request' } },
    ]);
    expect(api.store.priorities()).toEqual([]);
  });
});

describe('/scaling/config', () => {
  it('shows the settings that hold, in document 004’s names', async () => {
    await using api = await startApi();
    const top = {
      min_instances: 2,
      max_instances: 10,
      cpu_threshold: 70,
      memory_threshold: null,
      scaling_cooldown: 300,
    };
    expect((await api.call('/scaling/config')).json()).toEqual({
      ...top,
      groups: [
        expect.objectContaining({
          name: 'default',
          ...top,
          initial_instances: 2,
          interval_seconds: 5,
          policies: [expect.objectContaining({ name: 'cpu-based-scaling', out_factor: 1.5 })],
          cooldown_seconds: { out: 0, in: 300 },
          velocity: expect.objectContaining({
            out: { rules: [{ type: 'percent', value: 100, period_seconds: 60 }], select: 'max' },
          }),
        }),
      ],
      override: {},
    });
  });

  /** As the scaler's own would: it knows max_instances, up to 100. */
  function settings() {
    let groups: readonly GroupSettings[] = [group()];
    const applied: unknown[] = [];
    const applyOverride = (override: unknown): OverrideOutcome => {
      applied.push(override);
      const { max_instances: max = 10 } = override as { readonly max_instances?: number };
      if (max > 100) {
        return {
          kind: 'refused',
          problems: [{ field: 'max_instances', message: 'max_instances is over 100' }],
        };
      }
      groups = [group({ max })];
      return { kind: 'applied', groups };
    };
    return { groups: () => groups, applyOverride, applied };
  }

  it('changes what holds, merged with earlier changes, and keeps it', async () => {
    const { groups, applyOverride, applied } = settings();
    await using api = await startApi({ groups, applyOverride });
    const put = (body: unknown) => api.call('/scaling/config', { method: 'PUT', body });
    const first = await put({ max_instances: 12, groups: [{ name: 'default', drain_seconds: 5, x: 1 }] });
    expect([first.status, first.json()]).toMatchObject([200, { max_instances: 12 }]);
    await put({ cpu_threshold: 60, groups: [{ name: 'default', x: null }] });
    const override = {
      max_instances: 12,
      cpu_threshold: 60,
      groups: [{ name: 'default', drain_seconds: 5 }],
    };
    expect([api.store.configOverride(), applied.at(-1), api.wakes()]).toEqual([override, override, 2]);
    const back = await put({ max_instances: null, groups: null });
    expect(back.json()).toMatchObject({ max_instances: 10, override: { cpu_threshold: 60 } });
    expect((await api.call('/scaling/config')).json()).toEqual(back.json());
  });

  it('refuses what can’t hold, naming the field, and keeps nothing of it', async () => {
    const { groups, applyOverride } = settings();
    await using api = await startApi({ groups, applyOverride });
    const answer = await api.call('/scaling/config', { method: 'PUT', body: { max_instances: 101 } });
    expect([answer.status, answer.json()]).toEqual([
      400,
      { error: { field: 'max_instances', message: 'max_instances is over 100', code: 'invalid_request' } },
    ]);
    expect([api.store.configOverride(), groups()[0]?.max, api.wakes()]).toEqual([undefined, 10, 0]);
  });

  it.each([{ groups: 5 }, { groups: [5] }, { groups: [{ max_instances: 5 }] }, { groups: { default: {} } }])(
    'refuses %j, naming groups',
    async (body) => {
      await using api = await startApi();
      const answer = await api.call('/scaling/config', { method: 'PUT', body });
      expect([answer.status, answer.json()]).toMatchObject([400, { error: { field: 'groups' } }]);
    },
  );

  it('takes back what can’t be kept', async () => {
    const { groups, applyOverride } = settings();
    const store = openSqliteStore(':memory:');
    const setConfigOverride = () => {
      throw new Error('disk full');
    };
    const failing = Object.assign(Object.create(store), { setConfigOverride });
    for (const name of ['configOverride', 'acquireLease', 'close'] as const) {
      failing[name] = store[name].bind(store);
    }
    await using api = await startApi({ groups, applyOverride, store: failing });
    const answer = await api.call('/scaling/config', { method: 'PUT', body: { max_instances: 50 } });
    expect([answer.status, groups()[0]?.max, api.wakes()]).toEqual([500, 10, 0]);
    expect(answer.text).not.toContain('disk full');
    expect(api.lines.join('')).toContain('disk full');
  });
});
