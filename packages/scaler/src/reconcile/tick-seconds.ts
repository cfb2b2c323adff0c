import type { StoredReplica } from '../store/store.ts';
import { isActive } from './plan.ts';

/** A group as a tick left it. */
export interface TickedGroup {
  readonly intervalSeconds: number;
  /** How often its platform may be asked. */
  readonly leastTickSeconds: number;
  readonly rows: readonly StoredReplica[];
}

/** While a group has nothing that answers, every second counts. */
const WAKING_SECONDS = 1;

/** And every part of one while callers wait for what was launched a moment ago: a local backend is up within two. */
const LAUNCHED_SECONDS = 0.25;

/** What starts for longer is on a platform where a second more is nothing, and whose API counts calls. */
const LAUNCHED_FOR_MS = 10_000;

/** Seconds until the next tick of a group. */
export function tickSeconds({ intervalSeconds, leastTickSeconds, rows }: TickedGroup, nowMs: number): number {
  const active = rows.filter(isActive);
  if (active.some(({ state }) => state.kind === 'ready')) return intervalSeconds;
  const justLaunched = active.some(({ launchedAtMs }) => nowMs - launchedAtMs < LAUNCHED_FOR_MS);
  return Math.min(
    intervalSeconds,
    Math.max(leastTickSeconds, justLaunched ? LAUNCHED_SECONDS : WAKING_SECONDS),
  );
}
