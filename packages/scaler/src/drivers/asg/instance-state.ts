import type { GroupInstance } from '../../aws/auto-scaling-api.ts';

/** What an instance is to the scaler. `in-service`: it runs; whether the model server answers is another matter. */
export type InstanceState = 'starting' | 'in-service' | 'unhealthy';

/**
 * Undefined for those that don't count any more: on their way out, detached, or set aside by a person (`Standby`), whose hands stay free then.
 */
export function instanceState({ lifecycle, healthy }: GroupInstance): InstanceState | undefined {
  if (/^(Terminat|Detach|Quarantined|Standby|EnteringStandby|Warmed:Terminat)/.test(lifecycle))
    return undefined;
  if (!healthy) return 'unhealthy';
  if (lifecycle === 'InService') return 'in-service';
  return /Root ?Volume/.test(lifecycle) ? 'unhealthy' : 'starting';
}
