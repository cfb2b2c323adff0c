import { predictedMs } from '../cost/class-costs.ts';
import type { BackendView } from './backend-view.ts';

/** What a test says of a backend; the rest is that of an idle, unknown machine. */
export function backendView(given: Partial<BackendView> = {}): BackendView {
  const { batchLimit = 16, inFlightBatches = 0 } = given;
  const cost = { batchLimit, baseMs: 2, perChunkMs: 1.6 };
  const inFlightChunks = given.inFlightChunks ?? inFlightBatches * batchLimit;
  return {
    id: 'a',
    class: 'default',
    inFlightBatches,
    inFlightChunks,
    inFlightWorkMs: cost.baseMs * inFlightBatches + cost.perChunkMs * inFlightChunks,
    batchWorkMs: predictedMs(cost, batchLimit),
    batchLimit,
    maxInFlightBatches: 2,
    ...given,
  };
}
