import type { BackendView } from '../balancing/backend-view.ts';
import type { BalancingStrategy } from '../balancing/balancing-strategy.ts';

/** One batch to send now. */
export interface Assignment {
  readonly backendId: string;
  /** Chunks for it, at least 1; fewer may be left when the batch is made. */
  readonly maxChunks: number;
}

/**
 * Shares the queued chunks out among the backends that have room, late binding: what fits nowhere now stays queued.
 *
 * An idle backend gets an equal share of a short queue, so that a small job uses every idle machine, and a full batch of a
 * long one. A busy backend gets a second, ready batch only while the queue holds at least two of its batches: what waits
 * inside a backend can't be taken back.
 */
export function plan(
  queuedChunks: number,
  backends: readonly BackendView[],
  strategy: BalancingStrategy,
): readonly Assignment[] {
  const assignments: Assignment[] = [];
  let views = backends;
  let left = queuedChunks;
  while (left > 0) {
    const available = views.filter((view) => hasRoom(view, left));
    if (available.length === 0) break;
    const picked = strategy.pick(available);
    // A caller's own strategy may pick what it was not offered.
    const chosen = available.includes(picked) ? picked : (available[0] as BackendView); // not empty, see above
    const idle = available.filter((view) => view.inFlightBatches === 0).length;
    const share = chosen.inFlightBatches === 0 ? Math.ceil(left / Math.max(1, idle)) : left;
    const maxChunks = Math.max(1, Math.min(share, chosen.batchLimit));
    assignments.push({ backendId: chosen.id, maxChunks });
    left -= maxChunks;
    views = views.map((view) => (view.id === chosen.id ? withBatch(view, maxChunks) : view));
  }
  return assignments;
}

function hasRoom(view: BackendView, queuedChunks: number): boolean {
  if (view.inFlightBatches === 0) return true;
  return view.inFlightBatches < view.maxInFlightBatches && queuedChunks >= 2 * view.batchLimit;
}

function withBatch(view: BackendView, chunks: number): BackendView {
  return {
    ...view,
    inFlightBatches: view.inFlightBatches + 1,
    inFlightChunks: view.inFlightChunks + chunks,
    inFlightWorkMs: view.inFlightWorkMs + (view.batchWorkMs * chunks) / Math.max(1, view.batchLimit),
  };
}
