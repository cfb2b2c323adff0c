import type { QueuedWorkSettings } from '../values/group-settings.ts';
import type { Vote } from '../values/vote.ts';
import { demand } from './demand.ts';
import type { PolicyContext } from './policy-context.ts';
import { lost } from './wants.ts';

/** Demand over what one replica does. */
export function queuedWork(settings: QueuedWorkSettings, context: PolicyContext): Vote {
  const found = demand(settings, context);
  const { name: policy } = settings;
  if (found.kind === 'lost') return lost(policy, found.because);
  const replicas = found.chunksPerSecond / found.perReplica;
  const { headroom, tolerance } = settings;
  return { kind: 'wants', policy, replicas, order: headroom * replicas, tolerance, because: found.because };
}
