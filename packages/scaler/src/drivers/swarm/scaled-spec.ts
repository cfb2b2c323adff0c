import { ScalerError } from '../../errors.ts';
import type { EngineService } from './engine-values.ts';

/** How many tasks a service wants; throws `SCALER_DRIVER_FAILED` when it has one on each node, or runs to an end. */
export function replicasOf({ Spec }: EngineService): number {
  const { Replicated } = Spec.Mode;
  if (Replicated !== undefined) return Replicated.Replicas ?? 1;
  const mode = Object.keys(Spec.Mode).join(', ') || 'unknown';
  const message = `service "${Spec.Name}" has mode ${mode}, and only a replicated one has a number of tasks to set: deploy it with mode: replicated`;
  throw new ScalerError('SCALER_DRIVER_FAILED', message);
}

/** The same service with so many tasks; everything else is as it was, or running tasks would be replaced. */
export function scaledSpec({ Spec }: EngineService, replicas: number): EngineService['Spec'] {
  const { Replicated } = Spec.Mode;
  return { ...Spec, Mode: { ...Spec.Mode, Replicated: { ...Replicated, Replicas: replicas } } };
}
