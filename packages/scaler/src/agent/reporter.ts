import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { Random } from '../random.ts';
import type { HostClaim } from './host-claim.ts';
import type { SendClaim } from './send-claim.ts';

export interface ReporterParts {
  readonly send: SendClaim;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** What ends soon waits no longer than after so many failures: 8 s of the two minutes that a spot notice gives. */
const URGENT_FAILURES = 4;

/** Wait before one more try, half of it by chance, so that the hosts of a scaler that was away don't all come at once: 0.5 to 1 s, then doubled up to 60 s. */
export function retryWaitMs(failures: number, random: Random): number {
  const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 16));
  return most * (0.5 + random() / 2);
}

/** Tells the scaler what is so, and tries until it has heard; of what it hasn't heard only the newest is kept. */
export class Reporter {
  readonly #parts: ReporterParts;
  #leaving: HostClaim | undefined;
  #health: HostClaim | undefined;
  #hasDeadline = false;
  #wake = new AbortController();
  #failures = 0;
  #problem: string | undefined;
  #lastState: string | undefined;

  constructor(parts: ReporterParts) {
    this.#parts = parts;
  }

  /** To be told from now on; returns at once. Advice to leave says nothing new once there is a deadline. */
  say(claim: HostClaim): void {
    if (claim.state === 'leaving') {
      const hasDeadline = claim.deadlineMs !== undefined;
      if (this.#hasDeadline && !hasDeadline) return;
      this.#hasDeadline = hasDeadline;
      this.#leaving = claim;
    } else {
      this.#health = claim;
    }
    this.#wake.abort();
  }

  /** Until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#parts;
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const isDone = await this.#tellAll(signal);
      const waitMs = isDone ? LONGEST_WAIT_MS : retryWaitMs(this.#failuresThatCount(), random);
      await clock.sleep(waitMs, AbortSignal.any([signal, this.#wake.signal]));
    }
  }

  /** Tries once to tell what isn't told yet. */
  async flush(signal: AbortSignal): Promise<void> {
    await this.#tellAll(signal);
  }

  /** What ends soon first. Whether all was heard. */
  async #tellAll(signal: AbortSignal): Promise<boolean> {
    for (let claim = this.#next(); claim !== undefined; claim = this.#next()) {
      const outcome = await this.#parts.send(claim, signal);
      if (signal.aborted && outcome.kind === 'failed') return false;
      if (outcome.kind === 'failed') {
        this.#failed(outcome.problem);
        return false;
      }
      this.#heard(claim, outcome.state);
    }
    return true;
  }

  #failuresThatCount(): number {
    const isUrgent = this.#leaving !== undefined && this.#hasDeadline;
    return isUrgent ? Math.min(this.#failures, URGENT_FAILURES) : this.#failures;
  }

  #next(): HostClaim | undefined {
    return this.#leaving ?? this.#health;
  }

  #failed(problem: string): void {
    this.#failures += 1;
    if (this.#problem === problem) return;
    this.#problem = problem;
    this.#parts.log.warn({ problem }, `the scaler does not hear of this host, trying on: ${problem}`);
  }

  #heard(claim: HostClaim, state: string | undefined): void {
    const { log } = this.#parts;
    if (this.#leaving === claim) this.#leaving = undefined;
    if (this.#health === claim) this.#health = undefined;
    if (this.#problem !== undefined)
      log.info({ failures: this.#failures }, 'the scaler hears of this host again');
    this.#failures = 0;
    this.#problem = undefined;
    const now = state ?? 'unknown';
    if (now === this.#lastState) return;
    this.#lastState = now;
    const what =
      state === undefined ? 'the scaler does not know this host yet' : `the scaler has this host as ${state}`;
    log.info({ state: now }, what);
  }
}
