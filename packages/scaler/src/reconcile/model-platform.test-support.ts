import type { ScaleOrder } from '../drivers/driver.ts';
import type { ObservedReplica } from '../values/replica.ts';

/** The least that a platform is: ids that exist, and orders carried out on them at once. */
export interface ModelPlatform {
  list(): readonly ObservedReplica[];
  carryOut(
    order: ScaleOrder,
    driver: { readonly namesReplicas: boolean; readonly choosesRemoved: boolean },
  ): void;
}

export function modelPlatform(ids: readonly string[]): ModelPlatform {
  let existing = [...ids];
  let launched = 0;
  return {
    list: () => existing.map((id) => ({ id, state: 'ready' })),
    carryOut({ desired, launch, remove }, { namesReplicas, choosesRemoved }) {
      existing = existing.filter((id) => !remove.includes(id));
      if (namesReplicas) {
        existing = [...existing, ...launch.filter((id) => !existing.includes(id))];
        return;
      }
      while (existing.length < desired) existing = [...existing, `p${++launched}`];
      if (!choosesRemoved) existing = existing.slice(0, desired);
    },
  };
}
