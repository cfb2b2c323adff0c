import type { ThresholdSettings } from '../values/group-settings.ts';
import type { Vote } from '../values/vote.ts';
import type { PolicyContext } from './policy-context.ts';
import { readSignal } from './read-signal.ts';
import { lost, wants } from './wants.ts';

/**
 * Document 004: above the threshold the count is multiplied, by one replica at least; far below it is divided.
 *
 * 4 replicas, 85 % against 70 with a factor of 1.5 want 6; 20 % against 35 with 0.7 want 2.8.
 */
export function threshold(settings: ThresholdSettings, context: PolicyContext): Vote {
  const { name: policy, signal, above, below } = settings;
  const { current } = context;
  if (context.ready === 0) {
    const because = `${signal} says nothing while no replica is ready`;
    return { kind: 'abstains', policy, because, lostSignal: current > 0 };
  }
  const read = readSignal(signal, context);
  if (read.kind === 'lost') return lost(policy, read.because);
  const shown = `${signal} ${Number(read.value.toPrecision(4))}`;
  const figures = { value: read.value, above, below };
  if (read.value > above) {
    const replicas = Math.max(current * settings.outFactor, current + 1);
    return wants(policy, replicas, `${shown} is above ${above}`, figures);
  }
  if (read.value < below) {
    const replicas = Math.min(current * settings.inFactor, current - 1);
    return wants(policy, Math.max(0, replicas), `${shown} is below ${below}`, figures);
  }
  return wants(policy, current, `${shown} is between ${below} and ${above}`, figures);
}
