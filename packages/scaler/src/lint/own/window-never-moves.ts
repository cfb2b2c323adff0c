import type { Hit, Rule } from '../finding.ts';
import { groupRule, type OwnSubject } from './own-rule.ts';

/** A shorter window that is not shorter, and growth that has nowhere to go. */
export const windowNeverMoves: Rule<OwnSubject> = groupRule('window-never-moves', (group, written): Hit[] => {
  const { steepFall, flapping, stabilizationSeconds } = group;
  const hits: Hit[] = [];
  if (written.steepFall !== undefined && steepFall.part > 0 && steepFall.seconds >= stabilizationSeconds.in)
    hits.push({
      path: ['steepFall', 'seconds'],
      why: `a steep fall shall need a shorter window, and ${steepFall.seconds} s is no shorter than stabilizationSeconds.in, ${stabilizationSeconds.in} s`,
      instead: `less than ${stabilizationSeconds.in}, or part: 0 for none`,
    });
  if (
    written.flapping !== undefined &&
    flapping.growth > 1 &&
    flapping.longestSeconds <= stabilizationSeconds.in
  )
    hits.push({
      path: ['flapping', 'longestSeconds'],
      why: `the window begins at stabilizationSeconds.in, ${stabilizationSeconds.in} s, and shall grow to ${flapping.longestSeconds} s at most: it never grows`,
      instead: `more than ${stabilizationSeconds.in}, or growth: 1 for none`,
    });
  return hits;
});
