import type { HeldLaunches } from '../decide/decide.ts';
import type { StoredReplica } from '../store/store.ts';
import { backOffMs, isHeld } from './back-off.ts';

/** Of the last failure; the log has it whole. */
const SHOWN_CHARACTERS = 500;

/** What a list showed of start-ups. */
export interface SeenStarts {
  readonly before: readonly StoredReplica[];
  readonly after: readonly StoredReplica[];
  /** Ids of replicas that ended although nobody asked them to. */
  readonly lost: readonly string[];
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
    const gone = new Set(lost);
    const failed = before.filter((row) => row.state.kind === 'starting' && gone.has(row.id)).length;
    const broken = after.flatMap(({ removing, state }) =>
      removing?.sinceMs === nowMs && state.kind === 'starting' ? [removing.because] : [],
    );
    if (startupSeconds.length > 0) this.#inARow = 0;
    if (failed + broken.length === 0) return;
    this.#inARow += failed + broken.length;
    this.#last = broken.at(-1) ?? 'it was gone before it answered';
    this.#launchNotBeforeMs = nowMs + backOffMs(this.#inARow);
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
}
