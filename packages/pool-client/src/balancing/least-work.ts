import type { BackendView } from './backend-view.ts';
import type { BalancingStrategy } from './balancing-strategy.ts';

/**
 * Least connections, counted in the milliseconds they are predicted to take: the backend that would finish one more
 * batch first. Equals least-connections while backends are alike.
 */
export const leastWork: BalancingStrategy = {
  name: 'least-work',
  pick: (available) => available.reduce((best, next) => (finishMs(next) < finishMs(best) ? next : best)),
};

function finishMs(view: BackendView): number {
  // Per chunk, so that a backend with larger batches isn't passed over for taking longer over more.
  return view.inFlightWorkMs + view.batchWorkMs / Math.max(1, view.batchLimit);
}
