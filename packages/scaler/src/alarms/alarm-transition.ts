import type { Sample } from '../values/sample.ts';
import type { AlarmSettings, AlarmState, AlarmStateName } from './alarm.ts';

/** For how long back samples are needed: one period more than is looked at, so that it shows whether the first was measured from its start. */
export function alarmWindowMs({ periods, periodSeconds }: AlarmSettings): number {
  return (periods + 1) * periodSeconds * 1_000;
}

/**
 * The state of an alarm at `nowMs`; the same object while its name stays. The last `periods` periods end now; each counts by the mean of
 * its samples. One that doesn't breach makes it OK; all breaching, from samples that reach back to the start of the first, make it ALARM; no
 * sample in any makes it INSUFFICIENT_DATA; breaches with gaps leave it as it is.
 * Worked example, above 80 for 2 periods of 300 s: means of 85 and 90 are ALARM, 85 and 79 OK, none and 90 what it was.
 */
export function alarmTransition(
  state: AlarmState,
  sampleWindow: readonly Sample[],
  settings: AlarmSettings,
  nowMs: number,
): AlarmState {
  const { threshold, comparison, periods, periodSeconds } = settings;
  const means = periodMeans(sampleWindow, settings, nowMs);
  const known = means.filter((mean) => mean !== undefined);
  const breaches = (mean: number) => (comparison === 'above' ? mean > threshold : mean < threshold);
  const reachesBack = sampleWindow.some(({ atMs }) => atMs <= nowMs - periods * periodSeconds * 1_000);
  const shown = means.map((mean) => (mean === undefined ? 'nothing' : round(mean))).join(', ');
  const because = `${settings.signal} of group ${settings.group} was ${shown} in ${periods} × ${periodSeconds} s, the alarm is ${comparison} ${threshold}`;
  const to = (name: AlarmStateName) => (name === state.name ? state : { name, sinceMs: nowMs, because });
  if (known.length === 0) return to('INSUFFICIENT_DATA');
  if (!known.every(breaches)) return to('OK');
  return known.length === periods && reachesBack ? to('ALARM') : state;
}

/** From the oldest period to the one that ends now; undefined without a sample. */
function periodMeans(
  samples: readonly Sample[],
  { periods, periodSeconds }: AlarmSettings,
  nowMs: number,
): readonly (number | undefined)[] {
  const values = samples.filter((sample) => sample.kind === 'value');
  return Array.from({ length: periods }, (_, index) => {
    const endMs = nowMs - (periods - 1 - index) * periodSeconds * 1_000;
    const startMs = endMs - periodSeconds * 1_000;
    const inside = values.filter(({ atMs }) => atMs > startMs && atMs <= endMs);
    if (inside.length === 0) return undefined;
    return inside.reduce((sum, { value }) => sum + value, 0) / inside.length;
  });
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
