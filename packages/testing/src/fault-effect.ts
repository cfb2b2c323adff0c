import type { Fault } from './fault.ts';
import { badInput, type Refusal, refusalOf } from './refusal.ts';

/** What the faults that strike one request do to its way through the queue. */
export type FaultEffect = {
  /** Answered before the queue. */
  readonly atOnce?: Refusal;
  /** Answered when a worker has got to it, without work. */
  readonly atWorker?: Refusal;
  /** Answered after the whole work. */
  readonly afterWork?: Refusal;
  /** The service time that `timeMs` becomes. */
  readonly slowed: (timeMs: number) => number;
};

/** Sums up the faults; where two refuse, the first of the list wins. */
export function effectOf(faults: readonly Fault[], texts: readonly string[], model: string): FaultEffect {
  return faults.reduceRight((effect, fault) => add(effect, fault, texts, model), NO_EFFECT);
}

const NO_EFFECT: FaultEffect = { slowed: (timeMs) => timeMs };

function add(effect: FaultEffect, fault: Fault, texts: readonly string[], model: string): FaultEffect {
  switch (fault.kind) {
    case 'slow': {
      const { factor = 1, extraMs = 0 } = fault;
      return { ...effect, slowed: (timeMs) => effect.slowed(timeMs) * factor + extraMs };
    }
    case 'refuse-all':
      return { slowed: effect.slowed, atWorker: badInput('Input data is not valid.') };
    case 'poison':
      if (!texts.some((text) => text.includes(fault.marker))) return effect;
      return { slowed: effect.slowed, atWorker: badInput('Input data is not valid.') };
    case 'error': {
      const refusal = refusalOf(fault.error, model);
      if (fault.error === 'translate-exception') return { slowed: effect.slowed, atWorker: refusal };
      if (fault.error === 'engine-failure') return { slowed: effect.slowed, afterWork: refusal };
      return { slowed: effect.slowed, atOnce: refusal };
    }
    default:
      return effect;
  }
}
