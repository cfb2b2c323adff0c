import type { Hit, Rule } from '../finding.ts';
import { groupRule, type OwnSubject } from './own-rule.ts';

/** Times that are over before the next decision is made. */
export const shorterThanTick: Rule<OwnSubject> = groupRule('shorter-than-tick', (group) => {
  const { intervalSeconds, stabilizationSeconds, cooldownSeconds } = group;
  const times: [string[], number][] = [
    [['stabilizationSeconds', 'out'], stabilizationSeconds.out],
    [['stabilizationSeconds', 'in'], stabilizationSeconds.in],
    [['cooldownSeconds', 'out'], cooldownSeconds.out],
    [['cooldownSeconds', 'in'], cooldownSeconds.in],
  ];
  const short = times
    .filter(([, seconds]) => seconds > 0 && seconds < intervalSeconds)
    .map(
      ([path, seconds]): Hit => ({
        path,
        why: `${seconds} s is over before the next decision, which comes every ${intervalSeconds} s: it holds nothing`,
        instead: `0, or at least ${intervalSeconds}`,
      }),
    );
  if (group.staleAfterSeconds >= intervalSeconds) return short;
  return [
    ...short,
    {
      path: ['staleAfterSeconds'],
      why: `decisions come every ${intervalSeconds} s, so a signal is mostly older than ${group.staleAfterSeconds} s: the group would hardly ever scale in`,
      instead: `at least ${2 * intervalSeconds}`,
    },
  ];
});
