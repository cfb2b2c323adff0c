import type { BacklogSettings, RequestRateSettings } from '../values/group-settings.ts';
import type { Vote } from '../values/vote.ts';
import type { PolicyContext } from './policy-context.ts';
import { readSignal } from './read-signal.ts';
import { lost, wants } from './wants.ts';

/**
 * A sum (requests/s, a queue) over what one replica shall have of it. Anything above nothing asks for a replica: with one message per
 * task (document 003) the first message starts the first task, where an alarm of "greater than 1" never would.
 */
export function perReplica(settings: RequestRateSettings | BacklogSettings, context: PolicyContext): Vote {
  const { name: policy, signal } = settings;
  const read = readSignal(signal, context);
  if (read.kind === 'lost') return lost(policy, read.because);
  const because = `${signal} ${Number(read.value.toPrecision(4))} over ${settings.perReplica} per replica`;
  const figures = { value: read.value, value_per_replica: settings.perReplica };
  return wants(policy, Math.max(0, read.value) / settings.perReplica, because, figures);
}
