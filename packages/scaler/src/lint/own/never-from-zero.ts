import type { PolicySettings } from '../../values/group-settings.ts';
import type { Rule } from '../finding.ts';
import { groupRule, type OwnSubject } from './own-rule.ts';

/** Means over replicas: without a replica there is nothing to measure. */
const PER_REPLICA: readonly string[] = [
  'cpu_percent',
  'memory_percent',
  'chunks_per_second_per_replica',
  'in_flight_chunks',
  'latency_p50_seconds',
  'latency_p95_seconds',
  'latency_p99_seconds',
  'disk_read_bytes_per_second',
  'disk_write_bytes_per_second',
];

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
  if ('signal' in policy && PER_REPLICA.includes(policy.signal)) return false;
  if (policy.type === 'step')
    return policy.steps.some(({ change }) => change.type !== 'percent' && change.value > 0);
  return true;
}

function whyNot(policy: PolicySettings): string {
  if ('signal' in policy && PER_REPLICA.includes(policy.signal))
    return `${policy.name} needs ${policy.signal}, which no replica reports`;
  return `${policy.name} multiplies the count, and any multiple of 0 is 0`;
}
