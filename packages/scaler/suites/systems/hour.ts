import { ManualClock, seededRandom } from '@forebay/testing';
import { systemClock } from '../../src/clock.ts';
import type { ScalerConfig } from '../../src/config/scaler-config.ts';
import { makeDriver } from '../../src/drivers/make-driver.ts';
import type { Ping } from '../../src/drivers/process/ping.ts';
import { makeLogger } from '../../src/log.ts';
import type { ScalerEvent } from '../../src/reconcile/scaler-event.ts';
import { type RunningScaler, startScaler } from '../../src/start-scaler.ts';

/** One group at one tick, as it was settled. */
export type Tick = Extract<ScalerEvent, { kind: 'decided' }> & { readonly second: number };

export interface HourParts {
  readonly config: ScalerConfig;
  readonly startMs: number;
  /** In the place of HTTP where instances have no sockets. */
  readonly ping?: Ping;
  /** Told what time it will be before it is, for platforms that have a clock. */
  readonly onTime?: (nowMs: number) => void;
}

/**
 * The whole scaler as `forebay-scaler` starts it, listener, loop, signals, drivers, alarms and notices, on a clock that a test moves. What it calls outside takes real
 * time, in which this clock stands still: it moves only while the loop rests.
 */
export class Hour implements AsyncDisposable {
  readonly clock: ManualClock;
  /** All that happened, oldest first. */
  readonly events: (ScalerEvent & { readonly second: number })[] = [];
  /** What the scaler logged at level warn and above. */
  readonly logged: string[] = [];
  readonly #parts: HourParts;
  #scaler: RunningScaler | undefined;
  #restsUntilMs = Number.NEGATIVE_INFINITY;
  #onRest: () => void = () => undefined;

  private constructor(parts: HourParts) {
    this.#parts = parts;
    this.clock = new ManualClock(parts.startMs);
  }

  /** Resolves after the first tick. */
  static async start(parts: HourParts): Promise<Hour> {
    const hour = new Hour(parts);
    const { config, ping } = parts;
    parts.onTime?.(parts.startMs);
    hour.#scaler = await startScaler({
      config,
      clock: hour.clock,
      random: seededRandom(1),
      log: makeLogger('warn', { write: (line) => void hour.logged.push(line.trimEnd()) }),
      env: {},
      driverFor: (group, around) => makeDriver(group, ping === undefined ? around : { ...around, ping }),
      onEvent: (event) => hour.#hear(event),
    });
    await hour.#rest();
    return hour;
  }

  /** Of the scaler's own API. */
  get url(): string {
    return this.#scaler?.url ?? '';
  }

  /** Since the start. */
  get second(): number {
    return Math.round((this.clock.nowMs() - this.#parts.startMs) / 1_000);
  }

  /** Every tick of one group so far. */
  ticks(group: string): readonly Tick[] {
    return this.events.filter(
      (event) => event.kind === 'decided' && event.decision.group === group,
    ) as Tick[]; // just narrowed
  }

  /** Passes so many seconds, one by one; `world` does what happens in each, before the loop can see it. */
  async pass(seconds: number, world: (second: number) => unknown = () => undefined): Promise<void> {
    for (let passed = 0; passed < seconds; passed += 1) {
      const nowMs = this.clock.nowMs() + 1_000;
      this.#parts.onTime?.(nowMs);
      await world(this.second + 1);
      await this.clock.advance(1_000);
      await this.#rest();
    }
  }

  /** Passes a long time at once, as on a machine that slept: calls that were under way meet their deadlines. */
  async jump(seconds: number): Promise<void> {
    this.#parts.onTime?.(this.clock.nowMs() + seconds * 1_000);
    await this.clock.advance(seconds * 1_000);
    await this.#rest();
  }

  /** Does what makes the loop tick at once, such as a report of a host, and waits for the end of that tick. */
  async waking<T>(action: () => Promise<T>): Promise<T> {
    const rested = new Promise<void>((resolve) => (this.#onRest = resolve));
    const result = await action();
    await rested;
    return result;
  }

  async [Symbol.asyncDispose]() {
    await this.#scaler?.stop();
  }

  /** Resolves when the loop waits for a time to come. */
  async #rest(): Promise<void> {
    while (this.#restsUntilMs <= this.clock.nowMs()) {
      await new Promise<void>((resolve) => (this.#onRest = resolve));
    }
    await this.#delivered();
  }

  /** Alarms are sent beside the loop: each holds a sleep, its deadline, until it is taken. Receivers that don't answer are not waited for. */
  async #delivered(): Promise<void> {
    const resting = 1 + this.#parts.config.interruptionQueues.length;
    for (let waitedMs = 0; this.clock.pendingSleeps > resting && waitedMs < 2_000; waitedMs += 2) {
      await systemClock.sleep(2);
    }
  }

  #hear(event: ScalerEvent): void {
    if (event.kind === 'resting') {
      this.#restsUntilMs = event.untilMs;
      this.#onRest();
    } else {
      this.events.push({ ...event, second: this.second });
    }
  }
}
