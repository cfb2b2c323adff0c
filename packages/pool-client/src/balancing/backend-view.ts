import type { BackendClass } from '../backend-entry.ts';

/** What a strategy and the planner see of one backend: numbers of this instant, never the backend itself. */
export interface BackendView {
  readonly id: string;
  readonly class: BackendClass;
  /** Batches sent and unanswered. */
  readonly inFlightBatches: number;
  /** Chunks sent and unanswered. */
  readonly inFlightChunks: number;
  /** Predicted milliseconds until what is in flight is answered. */
  readonly inFlightWorkMs: number;
  /** Predicted milliseconds that one more batch of `batchLimit` chunks takes. */
  readonly batchWorkMs: number;
  /** Chunks that one batch to this backend may hold now. */
  readonly batchLimit: number;
  /** Batches that may be in flight at once: those it works on and the one ready behind them. */
  readonly maxInFlightBatches: number;
}
