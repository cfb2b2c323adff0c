import type { PolicySettings } from '../../values/group-settings.ts';
import type { Rule } from '../finding.ts';
import { groupRule, type OwnSubject } from './own-rule.ts';

/** Signals that say nothing while there is no replica, and why. */
const NO_REPLICA = 'which no replica reports then';
const BLIND: Readonly<Record<string, string>> = {
  cpu_percent: NO_REPLICA,
  memory_percent: NO_REPLICA,
  chunks_per_second_per_replica: NO_REPLICA,
  in_flight_chunks: NO_REPLICA,
  disk_read_bytes_per_second: NO_REPLICA,
  disk_write_bytes_per_second: NO_REPLICA,
  latency_p50_seconds: 'and nothing is answered then',
  latency_p95_seconds: 'and nothing is answered then',
  latency_p99_seconds: 'and nothing is answered then',
  requests_per_second: 'which gateways count when they answer, and a held request has no answer yet',
};

/** A group that may go to zero and has nothing that brings it back. */
export const neverFromZero: Rule<OwnSubject> = groupRule('never-from-zero', ({ name, min, policies }) => {
  if (min > 0 || policies.length === 0 || policies.some(startsTheFirst)) return [];
  return [
    {
      path: ['policies'],
      why: `${name} may go to 0, and then nothing starts it again: ${policies.map(whyNot).join('; ')}`,
      instead:
        'one that sees what waits, such as {type: queued-work} or {type: backlog, signal: held_requests, perReplica: 1}, or min 1',
    },
  ];
});

function startsTheFirst(policy: PolicySettings): boolean {
  if (policy.type === 'threshold') return false;
  if (policy.type === 'target-tracking' && policy.of === 'each') return false;
  if ('signal' in policy && policy.signal in BLIND) return false;
  if (policy.type === 'step') return policy.steps.some(({ change }) => change.value > 0);
  return true;
}

function whyNot(policy: PolicySettings): string {
  if ('signal' in policy && policy.signal in BLIND)
    return `${policy.name} needs ${policy.signal}, ${BLIND[policy.signal]}`;
  if (policy.type === 'step') return `no step of ${policy.name} adds a replica`;
  return `${policy.name} asks for nothing while no replica is ready`;
}
