import type { TargetTrackingSettings } from '../values/group-settings.ts';
import type { Vote } from '../values/vote.ts';
import type { PolicyContext } from './policy-context.ts';
import { readSignal } from './read-signal.ts';
import { readyWhenMeasured } from './ready-when-measured.ts';
import { lost, wants } from './wants.ts';

/**
 * HPA's formula. `of: each` (a mean over replicas, such as CPU): ready × value / target, where replicas that are not ready count as idle
 * on the way out and as busy as the target on the way in. `of: total` (a sum, such as a queue): value / target.
 *
 * Ready are those that were when the value was measured: the same value asks for the same count, also after a change.
 *
 * 4 ready replicas at 90 % CPU with target 60 want 6. With one more starting the mean over five is 72 %: still 6. At 30 % they want 2, and
 * with two more starting 4.
 */
export function targetTracking(settings: TargetTrackingSettings, context: PolicyContext): Vote {
  const { name: policy, signal, target, of, tolerance } = settings;
  if (of === 'each' && context.ready === 0) {
    const because = `${signal} says nothing while no replica is ready`;
    return { kind: 'abstains', policy, because, lostSignal: context.current > 0 };
  }
  const read = readSignal(signal, context);
  if (read.kind === 'lost') return lost(policy, read.because);
  const ratio = read.value / target;
  if (of === 'total') {
    const because = `${shown(signal, read.value)} over ${target} per replica`;
    return wants(policy, ratio, because, { value: read.value, target, ratio }, tolerance);
  }
  const ready = readyWhenMeasured(signal, context);
  // Those that start, that got ready since then, or that are lost and not replaced yet.
  const existing = Math.max(context.ready + context.startingAgesSeconds.length, context.current);
  const unready = Math.max(0, existing - ready);
  const replicas = ratio > 1 ? Math.max(ready + unready, ratio * ready) : ratio * ready + unready;
  const because = `${ready} ready × ${shown(signal, read.value)} / ${target}`;
  const figures = {
    value: read.value,
    target,
    ratio,
    ready_replicas: ready,
    unready_replicas: unready,
  };
  return wants(policy, replicas, because, figures, tolerance);
}

function shown(signal: string, value: number): string {
  return `${signal} ${Number(value.toPrecision(4))}`;
}
