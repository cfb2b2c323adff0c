import { applyOverride, type Overridden } from './config/apply-override.ts';
import type { GroupConfig, ScalerConfig } from './config/scaler-config.ts';
import type { Logger } from './log.ts';
import type { Store } from './store/store.ts';

/** The configured groups with what was changed over the API, by whichever scaler took it. */
export class LiveGroups {
  readonly #config: ScalerConfig;
  readonly #store: Store;
  readonly #log: Logger;
  #override = 'undefined';
  #groups: readonly GroupConfig[];

  constructor(config: ScalerConfig, store: Store, log: Logger) {
    this.#config = config;
    this.#store = store;
    this.#log = log;
    this.#groups = config.groups;
  }

  current(): readonly GroupConfig[] {
    const override = this.#store.configOverride();
    const text = JSON.stringify(override) ?? 'undefined';
    if (text === this.#override) return this.#groups;
    const outcome = this.apply(override);
    this.#override = text;
    if (outcome.kind === 'refused') {
      const problems = outcome.problems.map(({ message }) => message).join('; ');
      this.#log.error(
        `what was changed over the API no longer fits the configuration and is left out: ${problems}`,
      );
      this.#groups = this.#config.groups;
    }
    return this.#groups;
  }

  apply(override: unknown): Overridden {
    const outcome = applyOverride(this.#config, override);
    if (outcome.kind === 'applied') this.#groups = outcome.groups;
    return outcome;
  }
}
