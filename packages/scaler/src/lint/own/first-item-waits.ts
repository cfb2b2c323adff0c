import type { Rule } from '../finding.ts';
import { type OwnSubject, policyRule } from './own-rule.ts';

const QUEUES: readonly string[] = ['queued_chunks', 'held_requests'];

/** At zero, a band that begins above 1 lets the first request wait until others come. */
export const firstItemWaits: Rule<OwnSubject> = policyRule('first-item-waits', (policy, group) => {
  if (policy.type !== 'step' || group.min > 0 || !isQueue(policy.signal)) return [];
  if (group.policies.some(({ type }) => type === 'queued-work' || type === 'backlog')) return [];
  const starts = policy.steps.flatMap(({ from = 0, change }) => (change.value > 0 ? [from] : []));
  const first = Math.min(...starts);
  if (starts.length === 0 || first <= 1) return [];
  return [
    {
      path: ['steps'],
      why: `nothing starts before ${policy.signal} is ${first}: at 0 replicas a single request waits for ever`,
      instead: 'a step from 1, or a policy of type backlog, whose first item starts the first replica',
    },
  ];
});

function isQueue(signal: string): boolean {
  return QUEUES.includes(signal) || /queue|messages|backlog/.test(signal);
}
