import type { StoredReplica } from '../store/store.ts';
import type { GroupSettings } from '../values/group-settings.ts';
import { isHeld } from './back-off.ts';

/** What a target is carried out against. */
export interface PlanInput {
  readonly settings: Pick<GroupSettings, 'name' | 'drainSeconds' | 'startup'>;
  readonly rows: readonly StoredReplica[];
  readonly target: number;
  readonly nowMs: number;
  readonly namesReplicas: boolean;
  readonly choosesRemoved: boolean;
  /** Whether all gateways say that a replica marked at `markedAtMs` has nothing in flight. */
  readonly isEmpty: (id: string, markedAtMs: number) => boolean;
  /** Chunks in flight on a replica; unknown counts as most. */
  readonly inFlight: (id: string) => number | undefined;
  /** Nothing is launched before this: earlier start-ups failed. */
  readonly launchNotBeforeMs: number;
  readonly newId: () => string;
}

/** Rows as they shall be: ends what is overdue or empty, takes back what drains before it launches, drains the least loaded. */
export function plan(input: PlanInput): readonly StoredReplica[] {
  const rows = input.rows.map((row) => ending(notAhead(row, input), input));
  const active = rows.filter(isActive);
  const missing = input.target - active.length;
  if (missing > 0) return withMore(rows, missing, input);
  if (missing < 0 && input.choosesRemoved) return withFewer(rows, active, -missing, input);
  return rows;
}

/** Counts towards the target: neither draining nor ending. */
export function isActive(row: StoredReplica): boolean {
  return row.removing === undefined && row.state.kind !== 'draining';
}

/** Times that lie ahead are of before the clock was set back: they count from now, or nothing would end for as long. */
function notAhead(row: StoredReplica, input: PlanInput): StoredReplica {
  const { nowMs } = input;
  const launched = row.launchedAtMs <= nowMs ? row : { ...row, launchedAtMs: nowMs };
  return launched.state.kind === 'draining' && launched.state.sinceMs > nowMs
    ? drained(launched, input)
    : launched;
}

function ending(row: StoredReplica, input: PlanInput): StoredReplica {
  const { settings, nowMs, isEmpty } = input;
  if (row.removing !== undefined) return row;
  const { timeoutSeconds } = settings.startup;
  if (row.state.kind === 'starting' && nowMs - row.launchedAtMs > timeoutSeconds * 1_000) {
    // One that answered before and starts again may still have work.
    if (hasNoWork(row, input)) {
      return { ...row, removing: { sinceMs: nowMs, because: `it did not start within ${timeoutSeconds} s` } };
    }
    return drained(row, input);
  }
  if (row.state.kind !== 'draining') return row;
  if (isEmpty(row.id, row.state.sinceMs))
    return { ...row, removing: { sinceMs: nowMs, because: 'it is empty' } };
  if (nowMs >= row.state.deadlineMs) {
    return {
      ...row,
      removing: { sinceMs: nowMs, because: `its ${settings.drainSeconds} s to drain are up` },
    };
  }
  return row;
}

function withMore(
  rows: readonly StoredReplica[],
  missing: number,
  input: PlanInput,
): readonly StoredReplica[] {
  const { nowMs, settings } = input;
  const back = new Set(
    rows
      .filter((row) => row.state.kind === 'draining' && row.removing === undefined)
      .sort((a, b) => drainedSince(b) - drainedSince(a))
      .slice(0, missing)
      .map(({ id }) => id),
  );
  const recaptured = rows.map(
    (row): StoredReplica => (back.has(row.id) ? { ...row, state: { kind: 'ready', readyAtMs: nowMs } } : row),
  );
  if (!input.namesReplicas || isHeld(input.launchNotBeforeMs, nowMs)) return recaptured;
  const launched = Array.from(
    { length: missing - back.size },
    (): StoredReplica => ({
      id: input.newId(),
      group: settings.name,
      launchedAtMs: nowMs,
      state: { kind: 'starting' },
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
  const { nowMs } = input;
  const load = (row: StoredReplica) => input.inFlight(row.id) ?? Number.MAX_SAFE_INTEGER;
  const leaving = new Set(
    [...active]
      .sort(
        (a, b) =>
          Number(a.state.kind !== 'starting') - Number(b.state.kind !== 'starting') ||
          load(a) - load(b) ||
          b.launchedAtMs - a.launchedAtMs,
      )
      .slice(0, surplus)
      .map(({ id }) => id),
  );
  return rows.map((row): StoredReplica => {
    if (!leaving.has(row.id)) return row;
    // One that has started again may still have work of before.
    if (row.state.kind === 'starting' && hasNoWork(row, input))
      return { ...row, removing: { sinceMs: nowMs, because: 'it is not needed any more' } };
    return drained(row, input);
  });
}

function hasNoWork(row: StoredReplica, { inFlight }: PlanInput): boolean {
  return row.seenAtMs === undefined || inFlight(row.id) === 0;
}

function drained(row: StoredReplica, { nowMs, settings }: PlanInput): StoredReplica {
  return {
    ...row,
    state: { kind: 'draining', sinceMs: nowMs, deadlineMs: nowMs + settings.drainSeconds * 1_000 },
  };
}

function drainedSince({ state }: StoredReplica): number {
  return state.kind === 'draining' ? state.sinceMs : 0;
}
