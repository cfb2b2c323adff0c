import type { StoredReplica } from '../store/store.ts';
import { isHeld } from './back-off.ts';
import { ending, hasNoWork, isOverdue } from './ending.ts';
import type { PlanInput } from './plan-input.ts';
import { transition } from './transition.ts';

/** Rows as they shall be: ends what is overdue or empty, takes back what drains before it launches, drains the least loaded. */
export function plan(input: PlanInput): readonly StoredReplica[] {
  return drainLeaving(toTarget(input), input);
}

function toTarget(input: PlanInput): readonly StoredReplica[] {
  const rows = input.rows.map((row) => ending(notAhead(row, input), input));
  const active = rows.filter(isActive);
  const missing = input.target - active.length;
  if (missing > 0) return withMore(rows, missing, input);
  if (missing < 0 && input.choosesRemoved) return withFewer(rows, active, -missing, input);
  return rows;
}

/** Counts towards the target: launching, or ready for good. */
export function isActive({ state }: StoredReplica): boolean {
  return state.kind === 'launching' || (state.kind === 'ready' && state.leaving === undefined);
}

/** Times that lie ahead are of before the clock was set back: they count from now, or nothing would end for as long. */
function notAhead(row: StoredReplica, input: PlanInput): StoredReplica {
  const { nowMs } = input;
  const launched = row.launchedAtMs <= nowMs ? row : { ...row, launchedAtMs: nowMs };
  const { state } = launched;
  if (state.kind === 'unhealthy' && state.sinceMs > nowMs)
    return { ...launched, state: { ...state, sinceMs: nowMs } };
  return state.kind === 'draining' && state.sinceMs > nowMs ? drained(launched, input) : launched;
}

/**
 * Those that leave serve until as many serve without them as were asked for, the most urgent go first, or until their time is near. One by one, since a
 * platform may have room for no more at once. This waits for no list.
 */
export function drainLeaving(rows: readonly StoredReplica[], input: PlanInput): readonly StoredReplica[] {
  const ready = rows.filter((row) => isActive(row) && row.state.kind === 'ready').length;
  const deadlineOf = ({ state }: StoredReplica) =>
    (state.kind === 'ready' ? state.leaving?.deadlineMs : undefined) ?? Number.MAX_SAFE_INTEGER;
  const going = rows
    .filter(({ state }) => state.kind === 'ready' && state.leaving !== undefined)
    .sort((a, b) => deadlineOf(a) - deadlineOf(b) || a.launchedAtMs - b.launchedAtMs);
  const spare = going.slice(0, Math.max(0, ready + going.length - input.target));
  const drains = new Set([
    ...spare,
    ...going.filter((row) => deadlineOf(row) - input.nowMs <= LEAVING_DRAIN_MS),
  ]);
  return rows.map((row) => (drains.has(row) ? drained(row, input) : row));
}

/** Enough for gateways to hear of it and for what is in flight to be answered, and most of the two minutes that a spot notice gives are served. */
const LEAVING_DRAIN_MS = 45_000;

function withMore(
  rows: readonly StoredReplica[],
  missing: number,
  input: PlanInput,
): readonly StoredReplica[] {
  const { nowMs, settings } = input;
  const back = new Set(
    rows
      .filter(
        (row) => row.state.kind === 'draining' && row.state.leaving === undefined && !isOverdue(row, input),
      )
      .sort((a, b) => drainedSince(b) - drainedSince(a))
      .slice(0, missing)
      .map(({ id }) => id),
  );
  const recaptured = rows.map((row) =>
    back.has(row.id) ? transition(row, { kind: 'take-back' }, nowMs) : row,
  );
  if (!input.namesReplicas || isHeld(input.launchNotBeforeMs, nowMs)) return recaptured;
  const launched = Array.from(
    { length: missing - back.size },
    (): StoredReplica => ({
      id: input.newId(),
      group: settings.name,
      launchedAtMs: nowMs,
      state: { kind: 'launching' },
    }),
  );
  return [...recaptured, ...launched];
}

function withFewer(
  rows: readonly StoredReplica[],
  active: readonly StoredReplica[],
  surplus: number,
  input: PlanInput,
): readonly StoredReplica[] {
  const load = (row: StoredReplica) => input.inFlight(row.id) ?? Number.MAX_SAFE_INTEGER;
  const leaving = new Set(
    [...active]
      .sort(
        (a, b) =>
          Number(a.state.kind !== 'launching') - Number(b.state.kind !== 'launching') ||
          load(a) - load(b) ||
          b.launchedAtMs - a.launchedAtMs,
      )
      .slice(0, surplus)
      .map(({ id }) => id),
  );
  return rows.map((row): StoredReplica => {
    if (!leaving.has(row.id)) return row;
    // One that has started again may still have work of before.
    if (row.state.kind === 'launching' && hasNoWork(row, input)) {
      return transition(
        row,
        { kind: 'end', cause: 'not_needed', because: 'it is not needed any more' },
        input.nowMs,
      );
    }
    return drained(row, input);
  });
}

function drained(row: StoredReplica, { nowMs, settings }: PlanInput): StoredReplica {
  return transition(row, { kind: 'drain', deadlineMs: nowMs + settings.drainSeconds * 1_000 }, nowMs);
}

function drainedSince({ state }: StoredReplica): number {
  return state.kind === 'draining' ? state.sinceMs : 0;
}
