import type { BackendEntry } from '../backend-entry.ts';
import type { Clock } from '../clock.ts';
import type { BatchFailureReason } from '../events.ts';
import { areAlike } from '../identity/compare-fingerprints.ts';
import type { Fingerprint } from '../identity/fingerprint.ts';
import type { Random } from '../random.ts';
import { type BackendState, backendState } from './backend-state.ts';
import { type Breaker, type BreakerParts, type BreakerState, breaker } from './breaker.ts';
import type { SendResult } from './exchange.ts';
import { Rest } from './rest.ts';

export interface StandingParts {
  readonly clock: Clock;
  readonly random: Random;
  /** What the other backends of its model do. */
  readonly others: BreakerParts['others'];
  /** Called when the state may have changed; `reinstated` when it was ejected and is let back. */
  readonly onChange: (change: { readonly reason: string; readonly reinstated: boolean }) => void;
}

/** How one backend stands: whether it is in service, why, and what that is judged by. */
export class Standing {
  readonly #parts: StandingParts;
  readonly #breaker: Breaker;
  readonly #rest: Rest;
  #listed: BackendEntry['state'];
  #drainRequested = false;
  #proven = false;
  #refused = false;
  /** Whether it looks like a server that is still starting; so does one that was not asked yet. */
  #notUp = true;
  #reason = 'just added';
  #lastProblem: string | undefined;
  /** How it embeds the control text; undefined before it was let in. */
  #control: readonly number[] | undefined;
  #changedItself = false;
  /** Nothing listened there since it was examined: what answers now may be another server. */
  #mayBeAnother = false;

  constructor(listed: BackendEntry['state'], parts: StandingParts) {
    this.#listed = listed;
    this.#parts = parts;
    this.#rest = new Rest(parts.random);
    this.#breaker = breaker({
      ...parts,
      onChange: (state, reason) => this.#changed(reason, state === 'closed'),
    });
  }

  get state(): BackendState {
    return backendState({
      listed: this.#listed,
      drainRequested: this.#drainRequested,
      proven: this.#proven,
      refused: this.#refused,
      notUp: this.#notUp,
      breaker: this.#breaker.state,
    });
  }

  /** Why the state is what it is, for people. */
  get reason(): string {
    return this.#reason;
  }

  get breakerState(): BreakerState {
    return this.#breaker.state;
  }

  /** What its last failed batch said; undefined after a good one. May quote the text of a caller. */
  get lastProblem(): string | undefined {
    return this.#lastProblem;
  }

  /** Share of its recent batches that failed, 0 to 1. */
  get failureShare(): number {
    return this.#breaker.failureShare;
  }

  /** When it may get work again after it said that it is full, or failed and no other serves; on the pool's clock. */
  get restsUntilMs(): number {
    return this.#rest.untilMs;
  }

  /** When an ejected backend is next asked whether it is well, on the pool's clock. */
  get nextProbeMs(): number | undefined {
    return this.#breaker.nextProbeMs;
  }

  /** Whether it was ever let in. */
  get proven(): boolean {
    return this.#proven;
  }

  get refused(): boolean {
    return this.#refused;
  }

  /** Whether its vectors can be used: it was let in, is not refused, and was not gone since. */
  get trusted(): boolean {
    return this.#proven && !this.#refused && !this.#mayBeAnother;
  }

  /** Whether its model seems to be another than when it was let in. */
  get changedItself(): boolean {
    return this.#changedItself;
  }

  /** Takes over what its source says now. */
  listedAs(listed: BackendEntry['state']): void {
    const before = this.state;
    this.#listed = listed;
    if (this.state !== before) this.#changed(`its source lists it as ${listed}`);
  }

  /** No new work from now on, or work again. */
  setDraining(draining: boolean, reason: string): void {
    if (this.#drainRequested === draining) return;
    this.#drainRequested = draining;
    this.#changed(reason);
  }

  /** Lets it in: it embeds the canary texts as its model should. */
  admit({ short }: Fingerprint): void {
    const wasIn = this.#proven && !this.#refused;
    [this.#control] = short;
    this.#proven = true;
    this.#refused = false;
    this.#changedItself = false;
    this.#mayBeAnother = false;
    if (wasIn) return;
    this.#lastProblem = undefined;
    this.#changed('it has embedded the canary texts');
  }

  /** Turns it away: it embeds the canary texts unlike the others of its model. */
  refuse(message: string): void {
    this.#changedItself = false;
    if (this.#refused && this.#reason === message) return;
    this.#refused = true;
    this.#lastProblem = message;
    this.#changed(message);
  }

  /** It embeds as it did when it was last examined, and that is right now. */
  pardon({ short }: Fingerprint): void {
    [this.#control] = short;
    this.#proven = true;
    this.#refused = false;
    this.#lastProblem = undefined;
    this.#changed('it embeds like the reference, which is another now');
  }

  /** It answered rightly, to whatever it was. */
  answered(): void {
    this.#lastProblem = undefined;
    this.#rest.end();
    this.#breaker.record('good');
  }

  /** A batch came to this. */
  ended(result: SendResult): void {
    if (result.kind === 'vectors') this.answered();
    else this.#failed(result, result.kind === 'failed' && !NO_BLAME.has(result.reason));
  }

  /** A text of our own came to this: there is no excuse but a full queue, and none for one that wants to be let back. */
  probed(result: SendResult): void {
    if (result.kind === 'vectors') {
      this.answered();
      return;
    }
    const { reason } = result.kind === 'failed' ? result : SPOILED;
    const isOnlyFull = reason === 'overloaded' && this.state === 'serving';
    const first = this.#lastProblem === undefined;
    this.#failed(result, !isOnlyFull && reason !== 'aborted');
    // Said once, and only of our own texts: what a backend says may quote what it was sent.
    if (first && !this.#proven) {
      this.#changed(`${this.#notUp ? 'not up yet' : 'it does not embed'}: ${result.message}`);
    }
  }

  /** Whether a vector of the control text is the one that it had when it was let in. */
  isItself(control: readonly number[]): boolean {
    if (!this.#control || areAlike(control, this.#control)) return true;
    this.#changedItself = true;
    return false;
  }

  /** Counts a failure against it; also for a batch that it refused where it refuses harmless texts too. */
  blame(outcome: 'bad' | 'silent' = 'bad'): void {
    // Until it has embedded something it is not in service, and has nothing to be ejected from.
    if (this.#proven) this.#breaker.record(outcome);
  }

  close(): void {
    this.#breaker.shutdown();
  }

  #failed(result: Exclude<SendResult, { kind: 'vectors' }>, blames: boolean): void {
    this.#lastProblem = result.message;
    if (blames) this.blame();
    const { notUp, reason, retryAfterMs } = result.kind === 'failed' ? result : SPOILED;
    this.#setNotUp(notUp);
    if (reason === 'connection' && notUp) this.#mayBeAnother = true;
    if (reason === 'overloaded' || retryAfterMs !== undefined || this.state !== 'serving') {
      this.#rest.begin(this.#parts.clock.nowMs(), retryAfterMs);
    }
  }

  #setNotUp(notUp: boolean): void {
    if (this.#notUp === notUp) return;
    this.#notUp = notUp;
    if (!this.#proven) this.#changed(notUp ? 'it is not up yet' : 'it answers, but not rightly');
  }

  #changed(reason: string, reinstated = false): void {
    this.#reason = reason;
    this.#parts.onChange({ reason, reinstated });
  }
}

/** What unusable vectors say of a backend beside that. */
const SPOILED = { notUp: false, reason: 'bad-answer', retryAfterMs: undefined } as const;

/**
 * What a backend is not to blame for at once: bad input is the caller's, a full queue is no sickness, and unusable vectors are blamed when
 * another backend has shown that the texts were not the reason.
 */
const NO_BLAME: ReadonlySet<BatchFailureReason> = new Set(['input', 'too-large', 'overloaded', 'aborted']);
