import type { BackendClass } from '../backend-entry.ts';
import type { CostCurve } from '../cost/cost-model.ts';

/** What a strategy and the planner see of one backend: numbers of this instant, never the backend itself. */
export interface BackendView {
  readonly id: string;
  readonly class: BackendClass;
  /** Batches sent and unanswered. */
  readonly inFlightBatches: number;
  /** Chunks sent and unanswered. */
  readonly inFlightChunks: number;
  /** Batches that it is given at once, at least 1: those that it is known to work on, and what is being tried. */
  readonly workers: number;
  /** Batches that it is known to work on at once, at least 1. */
  readonly knownWorkers: number;
  /** Whether it is being found out if it works on more at once than is known: then a batch may wait behind others. */
  readonly trying: boolean;
  /** Predicted milliseconds until it can begin a further batch. */
  readonly freeMs: number;
  /** Predicted milliseconds of a batch beside its chunks. */
  readonly baseMs: number;
  /** Predicted milliseconds for each chunk of the length that is usual now. */
  readonly perChunkMs: number;
  /** What is known of its costs at any length. */
  readonly curve: CostCurve;
  /** Chunks that one batch to this backend may hold now, at least 1. */
  readonly batchLimit: number;
  /** A batch may be sent this many milliseconds before the backend is free, to be ready when it is. */
  readonly leadMs: number;
  /** Whether its costs were measured; until then nothing is sent ahead. */
  readonly measured: boolean;
  /** Whether it was left out for so long that it should be tried with a few chunks. */
  readonly trialDue: boolean;
}
