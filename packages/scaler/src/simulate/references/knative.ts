import type { Controller, NamedController, SimulatedSystem } from '../controller.ts';
import { RollingMean } from '../rolling-mean.ts';

/**
 * Knative's pod autoscaler with default settings (knative/serving pkg/autoscaler/scaling/autoscaler.go): every 2 s
 * ceil(mean concurrency ÷ 0.7) over 60 s, or over 6 s too while in panic; never down in panic.
 *
 * What the sources leave open, and how it is settled here:
 * - A replica has a concurrency of 1 (a model server does one batch at a time), of which 70 % are the target. Observed
 *   concurrency is what is being served plus what waits, as activator and queue proxy report both: served ÷ R + queue.
 * - Means are over the seconds since the start while those are fewer than the window.
 * - Rates: at most ceil(1000 × ready), at least floor(ready ÷ 2) at each tick; ready counts as 1 at least. Launching ones
 *   don't count anywhere.
 * - It starts in panic when more than one replica is ready, as a restarted autoscaler does.
 * - To zero only if min is 0: when the stable mean has asked for 0 during 30 s (the grace period). Out of zero at the
 *   next tick; the activator's shorter way isn't modelled.
 */
export const knative: NamedController = { name: 'knative', start: startKnative };

function startKnative(system: SimulatedSystem): Controller {
  const stable = new RollingMean(STABLE_SECONDS);
  const panic = new RollingMean(PANIC_SECONDS);
  let panicSince = system.initial > 1 ? 0 : undefined;
  let maxInPanic = system.initial > 1 ? system.initial : 0;
  let zeroSince: number | undefined;

  function tick(second: number, readyCount: number): number | undefined {
    const stableMean = stable.mean();
    const panicMean = panic.mean();
    if (stableMean === undefined || panicMean === undefined) return undefined;
    const ready = Math.max(1, readyCount);
    const limitRate = (count: number) =>
      Math.min(
        Math.max(count, Math.floor(ready / MAX_SCALE_DOWN_RATE)),
        Math.ceil(MAX_SCALE_UP_RATE * ready),
      );
    const forStable = Math.ceil(stableMean / TARGET_CONCURRENCY - 1e-9);
    const forPanic = Math.ceil(panicMean / TARGET_CONCURRENCY - 1e-9);
    if (forPanic / ready >= PANIC_THRESHOLD) panicSince = second;
    else if (panicSince !== undefined && second > panicSince + STABLE_SECONDS) {
      panicSince = undefined;
      maxInPanic = 0;
    }
    if (panicSince === undefined) return limitRate(forStable);
    maxInPanic = Math.max(maxInPanic, limitRate(forStable), limitRate(forPanic));
    return maxInPanic;
  }

  function holdLast(wanted: number, second: number): number {
    if (wanted > 0) {
      zeroSince = undefined;
      return wanted;
    }
    zeroSince ??= second;
    return second - zeroSince >= ZERO_GRACE_SECONDS ? 0 : 1;
  }

  return {
    desired({ second, desired, ready, served, queued }) {
      if (second > 0) {
        const concurrency = served / system.perReplica + queued;
        stable.push(concurrency);
        panic.push(concurrency);
      }
      if (second % TICK_SECONDS !== 0) return desired;
      const wanted = tick(second, ready);
      if (wanted === undefined) return desired;
      return desired === 0 ? wanted : holdLast(wanted, second);
    },
  };
}

const TICK_SECONDS = 2;
const STABLE_SECONDS = 60;
const PANIC_SECONDS = 6;
const PANIC_THRESHOLD = 2;
const TARGET_CONCURRENCY = 0.7;
const MAX_SCALE_UP_RATE = 1000;
const MAX_SCALE_DOWN_RATE = 2;
const ZERO_GRACE_SECONDS = 30;
