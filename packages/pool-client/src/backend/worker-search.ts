/** How many batches a backend works on at once, found by trying. */
type Phase =
  | { readonly kind: 'resting'; readonly untilMs: number }
  /** What it does as it is. */
  | { readonly kind: 'measuring'; readonly window: Window }
  /** What it does with one batch more under way. */
  | { readonly kind: 'trying'; readonly window: Window; readonly before: number };

interface Window {
  readonly sinceMs: number;
  /** Batches until the window is full. */
  readonly batchesLeft: number;
  /** Predicted milliseconds of the batches that ended in it. */
  readonly workMs: number;
}

/** Batches of a window for each worker, and its least length in milliseconds. */
const WINDOW = { batchesPerWorker: 8, leastMs: 500 };

/** Share of one worker's work that one more must bring: on shared cores it brings less than a whole. */
const LEAST_GAIN = 0.5;

/** Rest after a try that brought nothing, in milliseconds; doubles each time. */
const RESTS_MS = { first: 10_000, longest: 300_000 };

/**
 * Learns the workers of a backend that has work without a pause: it compares the predicted work that gets done in a second with
 * what gets done with one more batch under way, and keeps the better. The time of a single batch would not tell: two batches that
 * run side by side end as a fast one after a slow one does.
 */
export class WorkerSearch {
  readonly #most: number;
  #workers = 1;
  #phase: Phase = { kind: 'resting', untilMs: 0 };
  #restMs = RESTS_MS.first;

  /** `most` is at least 1. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Batches to keep under way, a tried one included. */
  get workers(): number {
    return this.#workers + (this.trying ? 1 : 0);
  }

  /** Whether times measured now may be those of too many batches at once. */
  get trying(): boolean {
    return this.#phase.kind === 'trying';
  }

  /** A batch of `workMs` predicted milliseconds was answered; `saturated` says that more work waits and that it never idled. */
  answered(workMs: number, nowMs: number, saturated: boolean): void {
    if (!saturated) {
      // What was measured is of no use, and a try without work shows nothing.
      if (this.#phase.kind !== 'resting') this.#phase = { kind: 'resting', untilMs: nowMs };
      return;
    }
    const phase = this.#phase;
    if (phase.kind === 'resting') {
      if (nowMs >= phase.untilMs && this.#workers < this.#most) {
        this.#phase = { kind: 'measuring', window: this.#windowFrom(nowMs) };
      }
      return;
    }
    const window: Window = {
      ...phase.window,
      batchesLeft: phase.window.batchesLeft - 1,
      workMs: phase.window.workMs + workMs,
    };
    const elapsedMs = nowMs - window.sinceMs;
    if (window.batchesLeft > 0 || elapsedMs < WINDOW.leastMs) this.#phase = { ...phase, window };
    else if (phase.kind === 'measuring') {
      this.#phase = { kind: 'trying', window: this.#windowFrom(nowMs), before: window.workMs / elapsedMs };
    } else this.#conclude(window.workMs / elapsedMs / phase.before, nowMs);
  }

  #conclude(gain: number, nowMs: number): void {
    // The ready batch may have been under way already: of one more, that is a part of so many.
    if (gain >= 1 + LEAST_GAIN / (this.#workers + 1)) {
      this.#workers += 1;
      this.#restMs = RESTS_MS.first;
      this.#phase = { kind: 'resting', untilMs: nowMs };
    } else {
      this.#phase = { kind: 'resting', untilMs: nowMs + this.#restMs };
      this.#restMs = Math.min(RESTS_MS.longest, 2 * this.#restMs);
    }
  }

  #windowFrom(nowMs: number): Window {
    return { sinceMs: nowMs, batchesLeft: WINDOW.batchesPerWorker * (this.#workers + 1), workMs: 0 };
  }
}
