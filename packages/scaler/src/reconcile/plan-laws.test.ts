import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NOW_MS } from '../decide/decision.test-support.ts';
import { isOverdue } from './ending.ts';
import { modelPlatform } from './model-platform.test-support.ts';
import { observe } from './observe.ts';
import { orderOf } from './order-of.ts';
import { isActive, plan } from './plan.ts';
import type { PlanInput } from './plan-input.ts';
import { anyRows } from './replica.test-support.ts';

const RUNS = { seed: 6, numRuns: 10_000 };

const anyPlan: fc.Arbitrary<PlanInput> = fc
  .record({
    rows: anyRows,
    target: fc.integer({ min: 0, max: 8 }),
    namesReplicas: fc.boolean(),
    choosesRemoved: fc.boolean(),
    empty: fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
    load: fc.array(fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }), {
      minLength: 8,
      maxLength: 8,
    }),
    launchNotBeforeMs: fc.constantFrom(NOW_MS, NOW_MS, NOW_MS + 1),
  })
  .map(({ empty, load, namesReplicas, ...each }) => {
    const at = (id: string) => Number(id.slice(1));
    let launches = 0;
    return {
      ...each,
      isOutOfReach: () => false,
      namesReplicas,
      // A driver that counts has no rows but of what it lists.
      rows: namesReplicas ? each.rows : each.rows.filter(({ seenAtMs }) => seenAtMs !== undefined),
      settings: {
        name: 'cpu',
        max: 8,
        drainSeconds: 120,
        unhealthySeconds: 700,
        startup: { expectedSeconds: 60, timeoutSeconds: 600 },
      },
      nowMs: NOW_MS,
      isEmpty: (id) => empty[at(id)] ?? false,
      inFlight: (id) => load[at(id)],
      newId: () => `n${++launches}`,
    };
  });

it('ends only what drains and is empty or out of time, and what starts and is late or too much', () => {
  fc.assert(
    fc.property(anyPlan, (input) => {
      const after = plan(input);
      input.rows.forEach((before, i) => {
        const now = after[i];
        expect(now?.id).toBe(before.id);
        const { state } = before;
        if (state.kind === 'terminating') expect(now).toBe(before);
        if (state.kind === 'terminating' || now?.state.kind !== 'terminating') return;
        expect(state.kind).not.toBe('ready');
        if (state.kind === 'unhealthy')
          expect(input.isEmpty(before.id, state.sinceMs) || NOW_MS - state.sinceMs > 700_000).toBe(true);
        if (state.kind === 'draining')
          expect(input.isEmpty(before.id, state.sinceMs) || NOW_MS >= state.deadlineMs).toBe(true);
        const late = NOW_MS - before.launchedAtMs > 600_000;
        const tooMuch = input.rows.filter(isActive).length > input.target && input.choosesRemoved;
        if (state.kind !== 'launching') return;
        expect(late || tooMuch).toBe(true);
        expect(before.seenAtMs === undefined || input.inFlight(before.id) === 0).toBe(true);
      });
    }),
    RUNS,
  );
});

it('comes to the target as far as the driver can be told, and takes back before it launches', () => {
  fc.assert(
    fc.property(anyPlan, (input) => {
      const after = plan(input);
      const active = after.filter(isActive).length;
      const launches = after.length - input.rows.length;
      const mayLaunch = input.namesReplicas && input.launchNotBeforeMs <= NOW_MS;
      if (mayLaunch) expect(active).toBeGreaterThanOrEqual(input.target);
      else expect(launches).toBe(0);
      if (input.choosesRemoved) expect(active).toBeLessThanOrEqual(input.target);
      // One that starts for too long is of no use back.
      const stillDraining = after.filter(
        (row) => row.state.kind === 'draining' && row.state.leaving === undefined && !isOverdue(row, input),
      );
      if (launches > 0 || active < input.target) expect(stillDraining).toEqual([]);
    }),
    RUNS,
  );
});

it('gives up starting ones before any that is ready, and the least loaded of these', () => {
  fc.assert(
    fc.property(anyPlan, (input) => {
      const after = plan(input);
      const load = (id: string) => input.inFlight(id) ?? Number.MAX_SAFE_INTEGER;
      const drained = after.filter(
        ({ state }, i) =>
          state.kind === 'draining' && state.leaving === undefined && input.rows[i]?.state.kind === 'ready',
      );
      if (drained.length === 0) return;
      const stay = after.filter(isActive);
      expect(stay.filter(({ state }) => state.kind === 'launching')).toEqual([]);
      const most = Math.max(...drained.map(({ id }) => load(id)));
      expect(most).toBeLessThanOrEqual(Math.min(...stay.map(({ id }) => load(id))));
    }),
    RUNS,
  );
});

it('is a plan for its own outcome: planning it again changes nothing', () => {
  fc.assert(
    fc.property(anyPlan, (input) => {
      const rows = plan(input);
      const again = plan({ ...input, rows, isEmpty: () => false });
      const marked = rows.filter(
        (row) => row.state.kind === 'draining' && input.rows.every((each) => each !== row),
      );
      expect(again.filter((row) => !marked.some(({ id }) => id === row.id))).toEqual(
        rows.filter((row) => !marked.some(({ id }) => id === row.id)),
      );
    }),
    RUNS,
  );
});

it('leaves nothing to order once the order is carried out, and the platform has what the rows say', () => {
  fc.assert(
    fc.property(anyPlan, (input) => {
      const rows = plan(input);
      const platform = modelPlatform(
        rows.filter(({ seenAtMs }) => seenAtMs !== undefined).map(({ id }) => id),
      );
      const outstanding = { ...input, group: 'cpu', rows, observed: platform.list(), launchesHeld: false };
      const order = orderOf(outstanding);
      expect(orderOf(outstanding)).toEqual(order);
      if (order !== undefined) platform.carryOut(order, input);
      const isUnhealthy = (id: string) => rows.some((row) => row.id === id && row.state.kind === 'unhealthy');
      const list = platform
        .list()
        .map((each) => ({ ...each, state: isUnhealthy(each.id) ? ('unhealthy' as const) : each.state }));
      const later = observe({
        ...input,
        group: { name: 'cpu' },
        rows,
        observed: list,
        desired: input.target,
        lastListAtMs: NOW_MS,
        reports: [],
        strangers: 'adopt',
        listGraceSeconds: 0,
        startsOnce: false,
      });
      expect(orderOf({ ...outstanding, rows: later.rows, observed: list })).toBe(undefined);
      expect(later.lost).toEqual([]);
      if (order !== undefined) platform.carryOut(order, input);
      expect(platform.list().map(({ id }) => id)).toEqual(list.map(({ id }) => id));
      if (input.namesReplicas) {
        const wanted = rows.filter(({ state }) => state.kind !== 'terminating').map(({ id }) => id);
        expect(list.map(({ id }) => id).sort()).toEqual(wanted.sort());
      }
    }),
    RUNS,
  );
});
