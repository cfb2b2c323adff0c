import type { StoredReplica } from '../store/store.ts';
import { isActive } from './plan.ts';

/** A group as a tick left it. */
export interface TickedGroup {
  readonly intervalSeconds: number;
  readonly rows: readonly StoredReplica[];
}

/** While a group has nothing that answers, every second counts. */
const WAKING_SECONDS = 1;

/** And every part of one while callers wait for what was launched a moment ago: a local backend is up within two. */
const LAUNCHED_SECONDS = 0.25;

/** What starts for longer is on a platform where a second more is nothing, and whose API counts calls. */
const LAUNCHED_FOR_MS = 10_000;

/** Seconds until the next tick: the shortest that a group asks for. */
export function tickSeconds(groups: readonly TickedGroup[], nowMs: number): number {
  return Math.min(...groups.map((group) => secondsOf(group, nowMs)));
}

function secondsOf({ intervalSeconds, rows }: TickedGroup, nowMs: number): number {
  const active = rows.filter(isActive);
  if (active.some(({ state }) => state.kind === 'ready')) return intervalSeconds;
  const justLaunched = active.some(({ launchedAtMs }) => nowMs - launchedAtMs < LAUNCHED_FOR_MS);
  return Math.min(intervalSeconds, justLaunched ? LAUNCHED_SECONDS : WAKING_SECONDS);
}
