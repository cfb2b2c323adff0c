import type { BackendView } from './backend-view.ts';
import type { BalancingStrategy } from './balancing-strategy.ts';

/** Each backend in turn, by id; one without room is passed over and not made up for. */
export function roundRobin(): BalancingStrategy {
  let last = '';
  return {
    name: 'round-robin',
    pick(available) {
      const smallest = (views: readonly BackendView[]) =>
        views.reduce((first, next) => (next.id < first.id ? next : first));
      const after = available.filter((view) => view.id > last);
      const chosen = smallest(after.length > 0 ? after : available);
      last = chosen.id;
      return chosen;
    },
  };
}
