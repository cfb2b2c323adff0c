import type { Ec2Instance } from '../../aws/ec2-api.ts';
import type { ObservedReplica } from '../../values/replica.ts';
import type { Host } from './hosts-of.ts';
import { type ProbeHistory, stateAfter } from './probe-history.ts';

/** What is known of a host besides what EC2 says. */
export interface HostKnowledge {
  readonly url: string | undefined;
  /** Absent for a host that can't be asked. */
  readonly history: ProbeHistory | undefined;
  /** Why it shall make room. */
  readonly leaving: string | undefined;
  readonly readiness: 'probe' | 'report';
  readonly unhealthyAfterProbes: number;
}

/** A host as the scaler sees it. */
export function toObserved(host: Host, known: HostKnowledge): ObservedReplica {
  const { instanceId, launchedAtMs, state } = host.instance;
  return {
    id: host.id,
    machine: instanceId,
    launchedAtMs,
    ...(known.url !== undefined && !host.dead && { url: known.url }),
    ...(known.leaving !== undefined && { leaving: { because: known.leaving } }),
    ...stateOf(host.instance, known),
    ...(known.readiness === 'report' && { reportsItself: true }),
    ...(host.twin &&
      !host.dead && { note: `${instanceId} (${state}) is not the first instance of its replica` }),
  };
}

function stateOf(
  instance: Ec2Instance,
  { history, readiness, unhealthyAfterProbes }: HostKnowledge,
): Pick<ObservedReplica, 'state' | 'note'> {
  switch (instance.state) {
    case 'pending':
      return { state: 'starting' };
    case 'running': {
      const state = history === undefined ? 'starting' : stateAfter(history, unhealthyAfterProbes);
      if (state === 'unhealthy') return { state, note: `no answer to ${failuresOf(history)} probes` };
      return { state: readiness === 'report' ? 'starting' : state };
    }
    case 'stopping':
    case 'stopped':
      return { state: 'failed', note: `somebody stopped ${instance.instanceId}${because(instance)}` };
    case 'shutting-down':
    case 'terminated':
      return { state: 'gone', note: `EC2 ended ${instance.instanceId}${because(instance)}` };
  }
}

function failuresOf(history: ProbeHistory | undefined): number {
  return history?.kind === 'answered' ? history.failures : 0;
}

/** AWS's messages mostly begin with the code. */
function because({ stateReason }: Ec2Instance): string {
  if (stateReason === undefined) return '';
  const { code, message } = stateReason;
  return `: ${message.startsWith(code) ? message : `${code}: ${message}`}`;
}
