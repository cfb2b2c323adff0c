import type { BackendView } from './backend-view.ts';

/** What a test says of a backend; the rest is that of an idle machine of 2 + 1.6·n ms that was measured. */
export function backendView(given: Partial<BackendView> = {}): BackendView {
  const { batchLimit = 16, inFlightBatches = 0, workers = 1, baseMs = 2, perChunkMs = 1.6 } = given;
  const inFlightChunks = given.inFlightChunks ?? inFlightBatches * batchLimit;
  const inFlightMs = baseMs * inFlightBatches + perChunkMs * inFlightChunks;
  return {
    id: 'a',
    class: 'default',
    inFlightBatches,
    inFlightChunks,
    workers,
    knownWorkers: workers,
    trying: false,
    freeMs: inFlightBatches < workers ? 0 : inFlightMs / workers,
    baseMs,
    perChunkMs,
    curve: { baseMs, perChunkMs, perKilocharacterMs: 0 },
    batchLimit,
    leadMs: 3,
    measured: true,
    trialDue: false,
    ...given,
  };
}
