import { describe, expect, it } from 'vitest';
import type { OverrideOutcome } from '../src/routes/config-routes.ts';
import { openSqliteStore } from '../src/store/sqlite-store.ts';
import type { GroupSettings } from '../src/values/group-settings.ts';
import { group, startApi } from './api-under-test.ts';

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
    // The main group's entry is the same as fields at the top: the last one sent holds.
    const override = { max_instances: 12, drain_seconds: 5, cpu_threshold: 60 };
    expect([api.store.configOverride(), applied.at(-1), api.wakes()]).toEqual([override, override, 2]);
    const back = await put({ max_instances: null, groups: [{ name: 'default', drain_seconds: null }] });
    expect(back.json()).toMatchObject({ max_instances: 10, override: { cpu_threshold: 60 } });
    expect((await api.call('/scaling/config')).json()).toEqual(back.json());
  });

  it('asks for which group a field is where several are there and none is the default', async () => {
    const named = [group({ name: 'small' }), group({ name: 'large' })];
    await using api = await startApi({ groups: () => named });
    const put = (body: unknown) => api.call('/scaling/config', { method: 'PUT', body });
    const refused = await put({ groups: [{ name: 'large', max_instances: 3 }], enabled: false });
    expect([refused.status, refused.json()]).toMatchObject([
      400,
      {
        error: {
          message:
            'enabled must say for which group it is, as in {"groups": [{"name": "small", "enabled": …}]}; there are small, large',
        },
      },
    ]);
    expect((await put({ groups: [{ name: 'large', max_instances: 3 }] })).status).toBe(200);
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
