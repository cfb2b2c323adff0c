import type { Rule } from '../finding.ts';
import { groupRule, type OwnSubject } from './own-rule.ts';

/** Policies of a group whose size cannot change, or room without a policy. */
export const noRoom: Rule<OwnSubject> = groupRule('no-room', ({ name, min, max, policies }, written) => {
  if (min === max && written.policies !== undefined && policies.length > 0)
    return [
      {
        path: ['policies'],
        why: `min and max of ${name} are both ${max}: whatever its policies ask for, nothing changes`,
        instead: 'a larger max, or no policies',
      },
    ];
  if (min < max && policies.length === 0)
    return [
      {
        path: ['policies'],
        why: `${name} has no policy: it stays at its initial count and never gets to its max, ${max}`,
        instead: '[{type: queued-work}], or nothing, which means the same',
      },
    ];
  return [];
});
