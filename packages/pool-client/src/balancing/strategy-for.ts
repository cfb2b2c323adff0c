import type { BalancingStrategy, StrategyName } from './balancing-strategy.ts';
import { ipHash } from './ip-hash.ts';
import { leastConnections } from './least-connections.ts';
import { leastWork } from './least-work.ts';
import { roundRobin } from './round-robin.ts';

/** A shipped strategy by name, fresh where it keeps state; a caller's own is returned as it is. */
export function strategyFor(choice: StrategyName | BalancingStrategy): BalancingStrategy {
  if (typeof choice !== 'string') return choice;
  switch (choice) {
    case 'least-work':
      return leastWork;
    case 'least-connections':
      return leastConnections;
    case 'round-robin':
      return roundRobin();
    case 'ip-hash':
      return ipHash;
  }
}
