/** How a batch's answer was predicted when it left. */
export interface Expectation {
  /** Predicted milliseconds until its answer, what was before it included. */
  readonly expectedMs: number;
  /** Mean relative error of the backend's recent predictions. */
  readonly residual: number;
  /** Whether its costs were measured; until then a prediction is a guess by class. */
  readonly measured: boolean;
}

/** A batch is late after so many times what was predicted, and after so many times the error that predictions have. */
const LATE = { times: 2.5, timesResidual: 3, leastMs: 60 };

/** The same for a guess: a real engine's first batches take long. */
const LATE_BY_GUESS = { times: 10, leastMs: 1_000 };

/**
 * How long after it left a batch counts as a straggler, in milliseconds: several times what was predicted, and never so early that a
 * pause of the event loop makes one.
 *
 * 40 ms predicted by a backend whose predictions are off by 10 %: 40 × (2.5 + 0.3) = 112 ms.
 */
export function stragglerAfterMs({ expectedMs, residual, measured }: Expectation): number {
  if (!measured) return Math.max(LATE_BY_GUESS.leastMs, LATE_BY_GUESS.times * expectedMs);
  return Math.max(expectedMs + LATE.leastMs, expectedMs * (LATE.times + LATE.timesResidual * residual));
}

/** A backend is silent after so many times what makes a batch late, and at least so long, in milliseconds. */
const SILENT = { times: 4, leastMs: 1_000 };

/** How long after a batch left its backend counts as silent, in milliseconds, if the batch counts as late after `lateAfterMs`. */
export function silentAfterMs(lateAfterMs: number): number {
  return Math.max(SILENT.leastMs, SILENT.times * lateAfterMs);
}
