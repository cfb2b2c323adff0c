import type { GroupConfig } from './config/scaler-config.ts';
import type { Driver } from './drivers/driver.ts';
import { ScalerError } from './errors.ts';

/** One driver for each group, made anew when the group's options change. */
export class LiveDrivers {
  readonly #make: (group: GroupConfig) => Driver;
  readonly #onCloseFailed: (error: unknown) => void;
  readonly #made = new Map<string, { readonly options: string; readonly driver: Driver }>();
  #closing: readonly Promise<void>[] = [];

  /** `make` starts nothing, and throws `SCALER_CONFIG` for options that can't be used. */
  constructor(make: (group: GroupConfig) => Driver, onCloseFailed: (error: unknown) => void) {
    this.#make = make;
    this.#onCloseFailed = onCloseFailed;
  }

  /** The drivers of all groups so far. */
  get all(): readonly Driver[] {
    return [...this.#made.values()].map(({ driver }) => driver);
  }

  /** The driver that a group was last given; undefined for a group that was given none. */
  find(group: string): Driver | undefined {
    return this.#made.get(group)?.driver;
  }

  /** The driver of a group as it is now; the one of other options lets go of what it holds, and the replicas of both are the same. */
  of(group: GroupConfig): Driver {
    const options = optionsText(group);
    const known = this.#made.get(group.name);
    if (known?.options === options) return known.driver;
    const driver = this.#makeFor(group);
    this.#made.set(group.name, { options, driver });
    if (known !== undefined) {
      this.#closing = [...this.#closing, known.driver.close().catch(this.#onCloseFailed)];
    }
    return driver;
  }

  /** Whether a driver could be made of the group's options; throws as `make` does. Nothing changes. */
  check(group: GroupConfig): void {
    if (this.#made.get(group.name)?.options === optionsText(group)) return;
    // It starts nothing, so there is nothing to let go of.
    this.#makeFor(group);
  }

  /** Two groups over one thing would each end what the other launches. */
  #makeFor(group: GroupConfig): Driver {
    const driver = this.#make(group);
    const other = [...this.#made].find(
      ([name, made]) =>
        name !== group.name && driver.scales !== undefined && made.driver.scales === driver.scales,
    );
    if (other === undefined) return driver;
    const message = `groups ${other[0]} and ${group.name} both scale ${driver.scales}: each needs one of its own`;
    throw new ScalerError('SCALER_CONFIG', message);
  }

  async close(): Promise<void> {
    await Promise.all([...this.all.map((driver) => driver.close()), ...this.#closing]);
  }
}

function optionsText({ driver, driverOptions }: GroupConfig): string {
  return JSON.stringify([driver, driverOptions]);
}
