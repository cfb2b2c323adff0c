import type { BackendView } from './backend-view.ts';
import type { BalancingStrategy } from './balancing-strategy.ts';

/**
 * Least connections, counted in the milliseconds they are predicted to take: each backend gets the share of the queue that
 * lets all end together, and of those with a share the one comes first that would finish a full batch first. Equals
 * least-connections while backends are alike.
 */
export const leastWork: BalancingStrategy = {
  name: 'least-work',
  sharesByWork: true,
  pick: (available) => available.reduce((best, next) => (finishMs(next) < finishMs(best) ? next : best)),
};

function finishMs({ freeMs, baseMs, perChunkMs, batchLimit }: BackendView): number {
  // Per chunk, so that a backend with larger batches isn't passed over for taking longer over more.
  return freeMs + baseMs / batchLimit + perChunkMs;
}
