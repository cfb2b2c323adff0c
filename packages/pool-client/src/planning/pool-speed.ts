import type { BackendView } from '../balancing/backend-view.ts';
import { chunkMs } from '../cost/chunk-ms.ts';
import type { CostCurve } from '../cost/cost-model.ts';

/** How fast a pool works: work is counted in milliseconds of its fastest backend, so that it costs the same wherever it goes. */
export interface PoolSpeed {
  /** Costs of the backend that has a chunk done first. */
  readonly curve: CostCurve;
  /** Milliseconds of that backend's work that the pool does in one; above 0. */
  readonly factor: number;
  /** The soonest that any backend, idle, answers one chunk, in milliseconds. */
  readonly leastMs: number;
  /** Whether this was measured, of at least one backend. */
  readonly measured: boolean;
}

/** Less nothing takes, in milliseconds. */
const LEAST_MS = 0.001;

/** The speed of these backends at full batches of chunks with `characters` each; undefined without any. */
export function poolSpeed(views: readonly BackendView[], characters: number): PoolSpeed | undefined {
  let fastest: CostCurve | undefined;
  let chunksPerMs = 0;
  let leastMs = Number.POSITIVE_INFINITY;
  for (const { curve, knownWorkers, batchLimit } of views) {
    const eachMs = Math.max(LEAST_MS, chunkMs(curve, characters));
    chunksPerMs += (knownWorkers * batchLimit) / (curve.baseMs + batchLimit * eachMs);
    leastMs = Math.min(leastMs, curve.baseMs + eachMs);
    if (!fastest || eachMs < chunkMs(fastest, characters)) fastest = curve;
  }
  if (!fastest) return undefined;
  return {
    curve: fastest,
    factor: chunksPerMs * Math.max(LEAST_MS, chunkMs(fastest, characters)),
    leastMs,
    measured: views.some(({ measured }) => measured),
  };
}
