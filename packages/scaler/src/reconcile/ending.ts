import type { StoredReplica } from '../store/store.ts';
import type { EndCause } from '../values/replica.ts';
import type { PlanInput } from './plan-input.ts';
import { transition } from './transition.ts';

/** A row that is done with: empty after its drain, out of time, launching for too long, unhealthy. */
export function ending(row: StoredReplica, input: PlanInput): StoredReplica {
  const { settings, nowMs, isEmpty } = input;
  const { state } = row;
  const end = (cause: EndCause, because: string) => transition(row, { kind: 'end', cause, because }, nowMs);
  switch (state.kind) {
    case 'launching': {
      if (!isGivenUp(row, input)) return row;
      // One that answered before and starts again may still have work.
      if (hasNoWork(row, input))
        return end('launch_timeout', `it did not start within ${settings.startup.timeoutSeconds} s`);
      return transition(row, { kind: 'drain', deadlineMs: nowMs + settings.drainSeconds * 1_000 }, nowMs);
    }
    case 'draining':
      if (isEmpty(row.id, state.sinceMs)) return end('empty', 'it is empty');
      if (nowMs < state.deadlineMs) return row;
      return state.leaving === undefined
        ? end('drain_timeout', `its ${settings.drainSeconds} s to drain are up`)
        : end('leaving', `its time is up: ${state.leaving.because}`);
    case 'unhealthy':
      if (nowMs - state.sinceMs > unhealthySeconds(row.id, input) * 1_000)
        return end(
          'unhealthy_timeout',
          `it is unhealthy for ${unhealthySeconds(row.id, input)} s: ${state.because}`,
        );
      // Of a group that seems to have failed as a whole nothing is ended: it may be the way there that has failed.
      return isEmpty(row.id, state.sinceMs) && !isOutage(input)
        ? end('unhealthy', `it is unhealthy and empty: ${state.because}`)
        : row;
    default:
      return row;
  }
}

/** Whether a replica starts for longer than it may, draining or not. */
export function isOverdue(
  { state, launchedAtMs }: StoredReplica,
  { settings, nowMs }: Pick<PlanInput, 'settings' | 'nowMs'>,
): boolean {
  const starts = state.kind === 'launching' || (state.kind === 'draining' && state.unready === true);
  return starts && nowMs - launchedAtMs > settings.startup.timeoutSeconds * 1_000;
}

/** Whether one that starts for too long is to go now. Where nothing can end it, to give it up would be to have it run for nothing when it is up. */
export function isGivenUp(
  row: StoredReplica,
  input: Pick<PlanInput, 'settings' | 'nowMs' | 'isOutOfReach'>,
): boolean {
  return row.state.kind === 'launching' && isOverdue(row, input) && !input.isOutOfReach(row.id);
}

/** Whether a replica can be ended without anybody missing it. */
export function hasNoWork(row: StoredReplica, { inFlight }: PlanInput): boolean {
  return row.seenAtMs === undefined || inFlight(row.id) === 0;
}

/**
 * How long one may be unhealthy. Each has a replacement, so where these fall ill as well there would be more and more: those that are unhealthy for
 * longest, beyond as many as the group may have replicas, have no longer than to drain.
 */
function unhealthySeconds(id: string, { rows, settings }: PlanInput): number {
  const { max, drainSeconds, unhealthySeconds } = settings;
  const newestFirst = rows
    .flatMap((row) => (row.state.kind === 'unhealthy' ? [{ id: row.id, sinceMs: row.state.sinceMs }] : []))
    .sort((a, b) => b.sinceMs - a.sinceMs);
  const isBeyond = newestFirst.findIndex((each) => each.id === id) >= max;
  return isBeyond ? Math.min(drainSeconds, unhealthySeconds) : unhealthySeconds;
}

/** Fewer than half of those that should serve are ready: it may be the way to them that has failed. */
export function isOutage({ rows, target }: Pick<PlanInput, 'rows' | 'target'>): boolean {
  const ready = rows.filter(({ state }) => state.kind === 'ready').length;
  return 2 * ready < target;
}
