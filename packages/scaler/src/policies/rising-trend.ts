import type { PolicyContext } from './policy-context.ts';
import { recentMean } from './recent-mean.ts';

/** Two windows of this length are compared. */
const WINDOW_SECONDS = 240;

/** Seconds after the start-up that a rise is projected to. */
const BEYOND_STARTUP_SECONDS = 180;

/** A rise counts from so many standard deviations on. */
const SIGNIFICANT_DEVIATIONS = 3;

/** Most of the present rate that a trend may add. */
const MOST_PART = 0.3;

/**
 * What arrivals are expected to rise by until a replica that is ordered now is ready, in chunks/s; 0 unless the rise between the last two
 * windows is more than chance. Half the rise is believed.
 */
export function risingTrend(context: PolicyContext): number {
  const late = recentMean('arrivals_per_second', WINDOW_SECONDS, 0, context);
  const early = recentMean('arrivals_per_second', 2 * WINDOW_SECONDS, WINDOW_SECONDS, context);
  if (late === undefined || early === undefined || early.values < late.values / 2) return 0;
  const rise = late.mean - early.mean;
  const deviation = Math.sqrt((late.mean + early.mean) / WINDOW_SECONDS);
  if (rise <= SIGNIFICANT_DEVIATIONS * deviation) return 0;
  const projected = ((rise / 2) * (context.startupSeconds + BEYOND_STARTUP_SECONDS)) / WINDOW_SECONDS;
  return Math.min(projected, MOST_PART * late.mean);
}
