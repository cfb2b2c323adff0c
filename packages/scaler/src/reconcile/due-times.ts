/** A group that is due now and then. */
interface Due {
  readonly settings: { readonly name: string; readonly intervalSeconds: number };
  readonly driver: { readonly leastTickSeconds: number };
}

interface Tick {
  readonly atMs: number;
  readonly seconds: number;
  /** Since it began somebody asked for another. */
  readonly hurried: boolean;
  /** It was itself begun because somebody asked. */
  readonly woken: boolean;
}

/** When each group's next tick is: each has its own, so that one that wakes up makes no others ask their platforms. */
export class DueTimes {
  readonly #ticks = new Map<string, Tick>();

  /** All are due. */
  forget(): void {
    this.#ticks.clear();
  }

  /**
   * All are due at once, also those whose tick is under way; after a tick that was hurried itself as soon as the platform may be asked again. So one
   * piece of news is heeded at once, and a thousand of them are a few ticks.
   */
  hurry(): void {
    for (const [name, tick] of this.#ticks) this.#ticks.set(name, { ...tick, hurried: true });
  }

  /** A tick of these groups begins: the next one comes after an interval, unless `next` says otherwise. */
  begin(groups: readonly Due[], nowMs: number): void {
    for (const { settings } of groups) {
      this.#ticks.set(settings.name, {
        atMs: nowMs,
        seconds: settings.intervalSeconds,
        hurried: false,
        woken: this.#ticks.get(settings.name)?.hurried ?? false,
      });
    }
  }

  /** It is over; the time to the next one begins, so that a slow platform is not asked all the time. */
  end(groups: readonly Due[], nowMs: number): void {
    for (const { settings } of groups) {
      const tick = this.#ticks.get(settings.name);
      if (tick !== undefined) this.#ticks.set(settings.name, { ...tick, atMs: nowMs });
    }
  }

  /** Seconds from the end of the group's tick to its next. */
  next(name: string, seconds: number): void {
    const tick = this.#ticks.get(name);
    if (tick !== undefined) this.#ticks.set(name, { ...tick, seconds });
  }

  of<Group extends Due>(groups: readonly Group[], nowMs: number): readonly Group[] {
    return groups.filter((group) => this.#leftMs(group, nowMs) <= 0);
  }

  /** Until the first of them is due. */
  restMs(groups: readonly Due[], nowMs: number): number {
    return Math.min(...groups.map((group) => this.#leftMs(group, nowMs)));
  }

  #leftMs({ settings: { name, intervalSeconds }, driver }: Due, nowMs: number): number {
    const tick = this.#ticks.get(name);
    // A tick that lies ahead was before the clock was set back.
    if (tick === undefined || tick.atMs > nowMs) return 0;
    const wanted = tick.hurried ? (tick.woken ? driver.leastTickSeconds : 0) : tick.seconds;
    return tick.atMs + Math.min(wanted, intervalSeconds) * 1_000 - nowMs;
  }
}
