import type { Ec2Instance } from '../../aws/ec2-api.ts';
import { REPLICA_TAG } from './host-tags.ts';

/** An instance and the replica it stands for. */
export interface Host {
  /** Its replica's id; an instance without one, or a second one with the same, stands for itself. */
  readonly id: string;
  readonly instance: Ec2Instance;
  /** EC2 has ended it, or is about to. */
  readonly dead: boolean;
  /** Another instance has the same replica in its tag and is older. */
  readonly twin: boolean;
}

/**
 * Which replica each instance stands for. Of two with the same tag the older is the replica, dead or alive, so that ids don't wander from one to the other;
 * the younger stands for itself, is known to nobody, and is dealt with as such.
 */
export function hostsOf(instances: readonly Ec2Instance[]): readonly Host[] {
  const taken = new Set<string>();
  return instances
    .toSorted((a, b) => a.launchedAtMs - b.launchedAtMs || (a.instanceId < b.instanceId ? -1 : 1))
    .map((instance) => {
      const { instanceId, state, tags } = instance;
      const replica = tags[REPLICA_TAG];
      const twin = replica !== undefined && taken.has(replica);
      if (replica !== undefined) taken.add(replica);
      return {
        id: twin ? instanceId : (replica ?? instanceId),
        instance,
        dead: state === 'shutting-down' || state === 'terminated',
        twin,
      };
    });
}
