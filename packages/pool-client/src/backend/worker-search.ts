/** How many batches a backend works on at once, found by trying. */
type Phase =
  | { readonly kind: 'resting'; readonly untilMs: number }
  /** What it does as it is. */
  | { readonly kind: 'measuring'; readonly window: Window; readonly step: number }
  /** What it does with so many batches more under way, or less. */
  | { readonly kind: 'trying'; readonly window: Window; readonly step: number; readonly before: Window };

interface Window {
  readonly sinceMs: number;
  /** Batches until the window is full. */
  readonly batchesLeft: number;
  /** Predicted milliseconds of the batches that ended in it. */
  readonly workMs: number;
  /** Milliseconds that those batches were under way, from being sent to their end. */
  readonly underWayMs: number;
  readonly elapsedMs: number;
  /** Whether half of its batches are in. */
  readonly isHalf: boolean;
}

/** A batch that was answered. */
export interface AnsweredBatch {
  /** Predicted milliseconds of it. */
  readonly workMs: number;
  /** Milliseconds from its being sent to its end. */
  readonly underWayMs: number;
  /** Whether more work waits and the backend never idled. */
  readonly saturated: boolean;
}

/** Batches of a window for each worker, and its least length in milliseconds. */
const WINDOW = { batchesPerWorker: 8, leastMs: 500 };

/** A try that takes so many times as long as the measuring before it is given up: the backend's speed has changed. */
const LONGEST_TRY = 3;

/**
 * Share of the growth in batches under way that must come back as work done. A real worker gives nearly all, an imagined one
 * nothing. Between them lies a server that other gateways use too: one batch more takes a part of it away from them, and
 * gives of the growth a third with one neighbour and a half with two, whereupon they do the same. Cores that two workers share
 * may bring less: with a deep queue the batch that waits ready uses them anyway.
 */
const LEAST_RETURN = 0.6;

/** So many tries in a row must speak for a change. */
const TRIES_TO_AGREE = 2;

/** Rest after a try that changed nothing, in milliseconds; doubles each time. */
const RESTS_MS = { first: 5_000, longest: 300_000 };

/**
 * Learns the workers of a backend that has work without a pause: it compares the predicted work that gets done in a second with
 * what gets done with one more batch under way, and keeps the better. The time of a single batch would not tell: two batches that
 * run side by side end as a fast one after a slow one does. Workers once found are doubted now and then in the same way.
 */
export class WorkerSearch {
  readonly #most: number;
  #workers = 1;
  #phase: Phase = { kind: 'resting', untilMs: 0 };
  #restMs = RESTS_MS.first;
  /** Tries in a row that spoke for a change. */
  #agreed = 0;
  /** The next try: so many more, or less. Twice as many after a success, half as many the other way after a failure. */
  #step = 1;

  /** `most` is at least 1. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Batches to keep under way, a tried change included. */
  get workers(): number {
    return this.#workers + (this.#phase.kind === 'trying' ? this.#phase.step : 0);
  }

  /** Those that are known, whatever is being tried. */
  get known(): number {
    return this.#workers;
  }

  /** Whether times measured now may be those of too many batches at once. */
  get trying(): boolean {
    return this.#phase.kind === 'trying';
  }

  answered({ workMs, underWayMs, saturated }: AnsweredBatch, nowMs: number): void {
    const phase = this.#phase;
    if (!saturated) {
      // What was measured is of no use, and a try without work shows nothing.
      if (phase.kind !== 'resting') this.#phase = { kind: 'resting', untilMs: nowMs };
      return;
    }
    if (phase.kind === 'resting') {
      if (nowMs >= phase.untilMs) this.#measure(nowMs);
      return;
    }
    const window: Window = {
      sinceMs: phase.window.sinceMs,
      batchesLeft: phase.window.batchesLeft - 1,
      workMs: phase.window.workMs + workMs,
      underWayMs: phase.window.underWayMs + underWayMs,
      elapsedMs: nowMs - phase.window.sinceMs,
      isHalf: 2 * phase.window.batchesLeft <= WINDOW.batchesPerWorker * (this.workers + 1),
    };
    const full = window.batchesLeft <= 0 && window.elapsedMs >= WINDOW.leastMs;
    if (phase.kind === 'measuring') {
      this.#phase = full
        ? { kind: 'trying', window: this.#windowFrom(nowMs, phase.step), step: phase.step, before: window }
        : { ...phase, window };
    } else if (isHopeless(phase.step, phase.before, window)) this.#rest(phase.step, nowMs);
    else if (full) this.#conclude(phase.step, phase.before, window, nowMs);
    else this.#phase = { ...phase, window };
  }

  #measure(nowMs: number): void {
    const wanted = this.#workers + this.#step;
    let step = Math.max(1, Math.min(this.#most, wanted)) - this.#workers;
    // At one end there is only one way.
    if (step === 0) step = this.#workers < this.#most ? 1 : -1;
    if (this.#workers + step < 1) return;
    this.#phase = { kind: 'measuring', window: this.#windowFrom(nowMs, step), step };
  }

  #conclude(step: number, before: Window, tried: Window, nowMs: number): void {
    const more = step > 0 ? returnOfMore(before, tried) : returnOfMore(tried, before);
    if (more >= LEAST_RETURN !== step > 0) {
      this.#rest(step, nowMs);
      return;
    }
    this.#phase = { kind: 'resting', untilMs: nowMs };
    this.#agreed += 1;
    if (this.#agreed < TRIES_TO_AGREE) return;
    this.#agreed = 0;
    this.#workers += step;
    this.#step = 2 * step;
    this.#restMs = RESTS_MS.first;
  }

  /** Nothing changed: the other way comes next, later. */
  #rest(step: number, nowMs: number): void {
    this.#agreed = 0;
    this.#step = -Math.sign(step) * Math.max(1, Math.floor(Math.abs(step) / 2));
    this.#phase = { kind: 'resting', untilMs: nowMs + this.#restMs };
    this.#restMs = Math.min(RESTS_MS.longest, 2 * this.#restMs);
  }

  #windowFrom(nowMs: number, step: number): Window {
    return {
      sinceMs: nowMs,
      batchesLeft: WINDOW.batchesPerWorker * (Math.max(this.#workers, this.#workers + step) + 1),
      workMs: 0,
      underWayMs: 0,
      elapsedMs: 0,
      isHalf: false,
    };
  }
}

/** Growth below which a difference would be chance. */
const LEAST_GROWTH = 0.1;

/** What part of the growth in batches under way came back as work done. */
function returnOfMore(fewer: Window, more: Window): number {
  const gain = more.workMs / more.elapsedMs / (fewer.workMs / fewer.elapsedMs);
  const growth = more.underWayMs / more.elapsedMs / (fewer.underWayMs / fewer.elapsedMs);
  return (gain - 1) / Math.max(LEAST_GROWTH, growth - 1);
}

/** Whether a try can be given up before its time: one more brings next to nothing, one less costs nearly all, or speed has changed. */
function isHopeless(step: number, before: Window, tried: Window): boolean {
  if (tried.elapsedMs > LONGEST_TRY * before.elapsedMs) return true;
  const more = step > 0 ? returnOfMore(before, tried) : returnOfMore(tried, before);
  return tried.isHalf && (step > 0 ? more < LEAST_RETURN / 2 : more > (1 + LEAST_RETURN) / 2);
}
