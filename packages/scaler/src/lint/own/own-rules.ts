import type { Rule } from '../finding.ts';
import { alarmNeverRings } from './alarm-never-rings.ts';
import { bandNeverUsed } from './band-never-used.ts';
import { factorWithoutEffect } from './factor-without-effect.ts';
import { firstItemWaits } from './first-item-waits.ts';
import { flapping } from './flapping.ts';
import { neverFromZero } from './never-from-zero.ts';
import { noRoom } from './no-room.ts';
import type { OwnSubject } from './own-rule.ts';
import { percentOutOfReach } from './percent-out-of-reach.ts';
import { shorterThanTick } from './shorter-than-tick.ts';
import { thresholdsOverlap } from './thresholds-overlap.ts';
import { unused } from './unused.ts';
import { velocityZero } from './velocity-zero.ts';
import { weightIgnored } from './weight-ignored.ts';
import { windowBelowMin } from './window-below-min.ts';
import { windowNeverMoves } from './window-never-moves.ts';

/** The rules for files of our own. */
export const OWN_RULES: readonly Rule<OwnSubject>[] = [
  percentOutOfReach,
  bandNeverUsed,
  windowBelowMin,
  noRoom,
  shorterThanTick,
  flapping,
  windowNeverMoves,
  thresholdsOverlap,
  factorWithoutEffect,
  neverFromZero,
  firstItemWaits,
  velocityZero,
  weightIgnored,
  unused,
  alarmNeverRings,
];
