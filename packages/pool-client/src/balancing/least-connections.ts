import type { BalancingStrategy } from './balancing-strategy.ts';

/** The backend with the fewest batches in flight; among equals the one with the fewest chunks, then list order. */
export const leastConnections: BalancingStrategy = {
  name: 'least-connections',
  pick: (available) =>
    available.reduce((best, next) => {
      const difference =
        next.inFlightBatches - best.inFlightBatches || next.inFlightChunks - best.inFlightChunks;
      return difference < 0 ? next : best;
    }),
};
