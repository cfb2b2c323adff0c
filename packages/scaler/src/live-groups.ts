import { applyOverride, type Overridden } from './config/apply-override.ts';
import { isMapping } from './config/overlay.ts';
import type { GroupConfig, ScalerConfig } from './config/scaler-config.ts';
import { ScalerError } from './errors.ts';
import type { Logger } from './log.ts';
import type { Store } from './store/store.ts';

/** The configured groups with what was changed over the API, by whichever scaler took it. */
export class LiveGroups {
  readonly #config: ScalerConfig;
  readonly #store: Pick<Store, 'configOverride'>;
  readonly #log: Logger;
  readonly #checkDriver: (group: GroupConfig) => void;
  #override = 'undefined';
  #groups: readonly GroupConfig[];

  /** `checkDriver` throws `SCALER_CONFIG` where no driver can be made of a group's options. */
  constructor(
    config: ScalerConfig,
    store: Pick<Store, 'configOverride'>,
    log: Logger,
    checkDriver: (group: GroupConfig) => void,
  ) {
    this.#config = config;
    this.#store = store;
    this.#log = log;
    this.#checkDriver = checkDriver;
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
    if (outcome.kind === 'refused') return outcome;
    const problems = outcome.groups.flatMap((group) => this.#driverProblem(group, override) ?? []);
    if (problems.length > 0) return { kind: 'refused', problems };
    this.#groups = outcome.groups;
    return outcome;
  }

  #driverProblem(
    group: GroupConfig,
    override: unknown,
  ): { readonly field: string; readonly message: string } | undefined {
    try {
      this.#checkDriver(group);
      return undefined;
    } catch (error) {
      if (!(error instanceof ScalerError)) throw error;
      const field = fieldOfOptions(group.name, override);
      return { field, message: `${field} can't be used: ${error.message}` };
    }
  }
}

/** Where the options of a group were sent: in its entry of `groups`, or at the top for the main group. */
function fieldOfOptions(group: string, override: unknown): string {
  const entries = isMapping(override) && Array.isArray(override.groups) ? override.groups : [];
  const index = entries.findIndex(
    (entry) => isMapping(entry) && entry.name === group && entry.driver_options !== undefined,
  );
  return index < 0 ? 'driver_options' : `groups[${index}].driver_options`;
}
