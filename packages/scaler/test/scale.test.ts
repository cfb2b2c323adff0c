import { describe, expect, it } from 'vitest';
import { decision, group, NOW_MS, startApi } from './api-under-test.ts';

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

  it('holds a count until it is released where no time is wanted', async () => {
    await using api = await startApi();
    const body = { target_instances: 5, reason: 'exams', expires_in_seconds: null };
    const set = await api.call('/scaling/scale', { method: 'POST', body });
    const manual = { target_instances: 5, reason: 'exams', expires_at: null };
    expect(set.json()).toEqual({ group: 'default', ...manual });
    api.commit(
      decision({
        limits: [{ name: 'manual', from: 3, to: 5, because: 'exams', untilMs: Number.POSITIVE_INFINITY }],
      }),
    );
    await api.clock.advance(400 * 86_400_000);
    expect((await api.call('/scaling/status')).json()).toMatchObject({ groups: [{ manual }] });
    expect((await api.call('/scaling/decision')).json()).toMatchObject({
      limits: [{ name: 'manual', until: null }],
    });
    expect((await api.call('/scaling/scale', { method: 'DELETE' })).json()).toEqual({
      group: 'default',
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

  it('doesn’t take a prototype for a field, nor lists thousands of faults', async () => {
    await using api = await startApi();
    const fields = Array.from({ length: 5_000 }, (_, i) => `"x${i}":1`).join();
    for (const unknown of ['"__proto__":{"reason":"x"}', fields]) {
      const body = `{"target_instances":5,"reason":"x",${unknown}}`;
      const answer = await api.call('/scaling/scale', { method: 'POST', body });
      expect([answer.status, answer.text.length < 5_000]).toEqual([400, true]);
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
