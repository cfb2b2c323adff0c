import { historySeconds } from '../decide/decide.ts';
import type { Store } from '../store/store.ts';
import type { Decision, SeenSignal } from '../values/decision.ts';
import type { GroupSettings } from '../values/group-settings.ts';
import type { Samples } from '../values/sample.ts';

/** The decisions of one group that the next one looks back at: read from the store once, then kept. */
export class DecisionMemory {
  readonly #store: Store;
  #past: Decision[] | undefined;
  #speed: number | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Forgets what another leader may have added to. */
  reset(): void {
    this.#past = undefined;
  }

  recall(settings: GroupSettings, nowMs: number): readonly Decision[] {
    this.#past ??= [...this.#store.decisionsSince(settings.name, nowMs - historySeconds(settings) * 1_000)];
    return this.#past;
  }

  remember(decision: Decision, settings: GroupSettings): void {
    this.#past?.push(decision);
    const sinceMs = decision.decidedAtMs - historySeconds(settings) * 1_000;
    // What lies ahead was decided before the clock was set back.
    const kept =
      this.#past?.findIndex(
        ({ decidedAtMs }) => decidedAtMs >= sinceMs && decidedAtMs <= decision.decidedAtMs,
      ) ?? 0;
    // Some at a time: a list that loses its head at every tick is copied at every tick.
    if (kept > 64) this.#past = this.#past?.slice(kept);
  }

  /** The last measured speed of a replica: gateways forget it with the last backend, and the first ones from zero need it most. */
  learnedSpeed(samples: Samples): number | undefined {
    const now = samples.chunks_per_second_per_replica;
    if (now?.kind === 'value' && now.value > 0) this.#speed = now.value;
    this.#speed ??= this.#past
      ?.map(({ signals }) => signals.chunks_per_second_per_replica)
      .findLast(isMeasured)?.value;
    return this.#speed;
  }
}

function isMeasured(seen: SeenSignal | undefined): seen is Extract<SeenSignal, { kind: 'value' }> {
  return seen?.kind === 'value' && seen.value > 0;
}
