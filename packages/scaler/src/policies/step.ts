import type { StepSettings } from '../values/group-settings.ts';
import type { Vote } from '../values/vote.ts';
import type { PolicyContext } from './policy-context.ts';
import { readSignal } from './read-signal.ts';
import { lost, wants } from './wants.ts';

/** Step scaling: the highest band that the signal reaches says what changes; in no band nothing does. */
export function step(settings: StepSettings, context: PolicyContext): Vote {
  const { name: policy, signal } = settings;
  const read = readSignal(signal, context);
  if (read.kind === 'lost') return lost(policy, read.because);
  const { value } = read;
  const band = settings.steps
    .filter(({ from }) => from === undefined || value >= from)
    .reduce<StepSettings['steps'][number] | undefined>(
      (best, each) =>
        best === undefined || (each.from ?? -Infinity) > (best.from ?? -Infinity) ? each : best,
      undefined,
    );
  if (band === undefined) {
    return wants(policy, context.current, `${signal} ${value} is below every step`, { value });
  }
  const because = `${signal} ${value} is in the step ${band.from === undefined ? 'below all others' : `from ${band.from}`}`;
  const replicas = Math.max(0, changed(band.change, context.current));
  const figures = { value, ...(band.from !== undefined && { step_from: band.from }) };
  return wants(policy, replicas, because, { ...figures, change_replicas: replicas - context.current });
}

function changed(change: StepSettings['steps'][number]['change'], current: number): number {
  if (change.type === 'exactly') return change.value;
  if (change.type === 'replicas') return current + change.value;
  // As AWS does: a percentage moves by one replica at least (also from none), and a part of one is cut off.
  const by = Math.trunc((current * change.value) / 100);
  return current + (by === 0 ? Math.sign(change.value) : by);
}
