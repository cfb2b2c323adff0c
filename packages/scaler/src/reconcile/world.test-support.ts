import { ManualClock, seededRandom } from '@forebay/testing';
import { NOW_MS } from '../decide/decision.test-support.ts';
import type { Driver } from '../drivers/driver.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { groupSettings } from '../values/group-settings.test-support.ts';
import type { GroupSettings } from '../values/group-settings.ts';
import type { Samples } from '../values/sample.ts';
import { ABILITIES, LoopPlatform } from './loop-platform.test-support.ts';
import type { SignalSource } from './readings.ts';
import { Scaler, type ScalerParts } from './scaler.ts';
import type { ScalerEvent } from './scaler-event.ts';

export const NO_SIGNAL: AbortSignal = new AbortController().signal;

/** A clock, a store, a platform and gateways, on which one scaler after the other can run. */
export class World {
  readonly clock: ManualClock = new ManualClock(NOW_MS);
  readonly store: Store = openSqliteStore(':memory:');
  readonly platform: LoopPlatform = new LoopPlatform(this.clock);
  readonly events: ScalerEvent[] = [];
  settings: GroupSettings;
  abilities: (typeof ABILITIES)[keyof typeof ABILITIES] = ABILITIES.names;
  /** Messages in the queue, the signal of the default policy; undefined: it can't be read. */
  queue: number | undefined = 0;
  /** All that gateways say at one moment. */
  signals: (nowMs: number) => Samples = (atMs) => ({
    queue:
      this.queue === undefined
        ? { kind: 'missing', reason: 'no answer', atMs }
        : { kind: 'value', value: this.queue, atMs },
  });
  /** Chunks in flight by replica. */
  inFlight: Readonly<Record<string, number>> = {};
  #scalers = 0;

  constructor(settings: Partial<GroupSettings> = {}) {
    this.settings = groupSettings(settings);
  }

  get rows(): ReturnType<Store['load']>['replicas'] {
    return this.store.load(this.settings.name).replicas;
  }

  get desired(): number | undefined {
    return this.store.load(this.settings.name).desired;
  }

  /** A new process: nothing but store and platform is left of the one before. */
  scaler(given: Partial<ScalerParts> & { readonly driver?: Driver } = {}): Scaler {
    const { driver = this.platform.driver(this.abilities), ...parts } = given;
    this.#scalers += 1;
    return new Scaler({
      groups: () => [{ settings: this.settings, driver }],
      store: this.store,
      signals: this.source(),
      clock: this.clock,
      random: seededRandom(this.#scalers),
      dryRun: false,
      holder: 'a',
      emit: (event) => this.events.push(event),
      ...parts,
    });
  }

  /** So many ticks, five seconds apart. */
  async ticks(scaler: Scaler, count: number): Promise<void> {
    for (let i = 0; i < count; i += 1) {
      await scaler.tick(NO_SIGNAL);
      await this.clock.advance(5_000);
    }
  }

  /** Gateways that answer after so long. */
  source(afterMs = 0): SignalSource {
    return {
      read: async (nowMs) => {
        if (afterMs > 0) await this.clock.sleep(afterMs);
        return {
          samplesFor: () => this.signals(nowMs),
          inFlight: (id) => this.inFlight[id] ?? 0,
          isEmpty: (id, markedAtMs) => nowMs >= markedAtMs + 3_000 && (this.inFlight[id] ?? 0) === 0,
        };
      },
    };
  }
}
