import type { HeldLaunches } from '../decide/decide.ts';
import type { StoredReplica } from '../store/store.ts';
import { backOffMs, isHeld } from './back-off.ts';

/** Of the last failure; the log has it whole. */
const SHOWN_CHARACTERS = 500;

/** What a list showed of start-ups. */
export interface SeenStarts {
  readonly before: readonly StoredReplica[];
  readonly after: readonly StoredReplica[];
  /** Replicas that ended although nobody asked them to. */
  readonly lost: readonly { readonly id: string; readonly because?: string }[];
  /** Start-ups that came to their end, in seconds. */
  readonly startupSeconds: readonly number[];
  readonly nowMs: number;
}

/** Counts start-ups of one group that failed in a row, and says how long launches wait for it. */
export class StartFailures {
  #inARow = 0;
  #last = '';
  #launchNotBeforeMs = 0;

  get launchNotBeforeMs(): number {
    return this.#launchNotBeforeMs;
  }

  count({ before, after, lost, startupSeconds, nowMs }: SeenStarts): void {
    const launching = new Set(before.filter(({ state }) => state.kind === 'launching').map(({ id }) => id));
    const known = new Set(before.map(({ id }) => id));
    const gone = lost
      .filter(({ id }) => launching.has(id))
      .map(({ because }) => because ?? 'it was gone before it answered');
    const broken = after.flatMap(({ id, state }) =>
      state.kind === 'terminating' &&
      state.cause === 'failed' &&
      state.sinceMs === nowMs &&
      (launching.has(id) || !known.has(id))
        ? [state.because]
        : [],
    );
    if (startupSeconds.length > 0) this.#inARow = 0;
    this.#add([...gone, ...broken], nowMs);
  }

  /** Start-ups that are given up now; each is to be counted once. */
  countOverdue(overdue: readonly StoredReplica[], timeoutSeconds: number, nowMs: number): void {
    this.#add(
      overdue.map(() => `it did not start within ${timeoutSeconds} s`),
      nowMs,
    );
  }

  /** Why nothing is launched now, and until when. */
  held(nowMs: number): HeldLaunches | undefined {
    const untilMs = this.#launchNotBeforeMs;
    if (!isHeld(untilMs, nowMs)) return undefined;
    const last = this.#last.slice(0, SHOWN_CHARACTERS);
    return {
      name: 'failed-starts',
      because: `${this.#inARow} start-ups in a row failed, the last one: ${last}`,
      untilMs,
    };
  }

  #add(failures: readonly string[], nowMs: number): void {
    if (failures.length === 0) return;
    this.#inARow += failures.length;
    this.#last = failures.at(-1) ?? '';
    this.#launchNotBeforeMs = nowMs + backOffMs(this.#inARow);
  }
}
