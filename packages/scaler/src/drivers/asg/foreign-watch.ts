import type { AutoScalingApi, AutoScalingGroup, GroupScaler } from '../../aws/auto-scaling-api.ts';
import type { Clock } from '../../clock.ts';
import { ScalerError } from '../../errors.ts';
import type { AsgOptions } from './asg-options.ts';
import { foreignScalers } from './foreign-scalers.ts';

/** Policies are looked up no more often than this. */
const PACE_MS = 60_000;

/** Sees to it that nobody else scales the same group. */
export class ForeignWatch {
  readonly #options: Pick<AsgOptions, 'onForeignScaler'>;
  readonly #parts: { readonly autoScaling: AutoScalingApi; readonly clock: Clock };
  readonly #warn: (message: string) => void;
  #scalers: readonly GroupScaler[] = [];
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #said = '';

  constructor(
    options: Pick<AsgOptions, 'onForeignScaler'>,
    parts: { readonly autoScaling: AutoScalingApi; readonly clock: Clock },
    warn: (message: string) => void,
  ) {
    this.#options = options;
    this.#parts = parts;
    this.#warn = warn;
  }

  /** Throws `SCALER_DRIVER_CONFLICT`, or warns, where somebody does. What can't be looked up is warned of and holds nothing up. */
  async check({ name, suspended }: AutoScalingGroup, signal: AbortSignal): Promise<void> {
    const unseen = await this.#look(name, signal);
    const found = foreignScalers(this.#scalers, suspended);
    if (found.length === 0) {
      this.#say(unseen);
      return;
    }
    const message = `Auto Scaling group ${name} is scaled by ${found.join(', ')} too: the two would undo each other; delete or disable it (or suspend AlarmNotification and ScheduledActions), or set onForeignScaler: warn`;
    if (this.#options.onForeignScaler === 'refuse') throw new ScalerError('SCALER_DRIVER_CONFLICT', message);
    this.#say(message);
  }

  /** Why it could not be looked up, or nothing. */
  async #look(name: string, signal: AbortSignal): Promise<string> {
    const nowMs = this.#parts.clock.nowMs();
    if (Math.abs(nowMs - this.#lookedAtMs) < PACE_MS) return this.#said;
    try {
      this.#scalers = await this.#parts.autoScaling.scalers(name, signal);
      this.#lookedAtMs = nowMs;
      return '';
    } catch (error) {
      signal.throwIfAborted(); // then nothing else would work either
      this.#lookedAtMs = nowMs;
      return `whether somebody else scales Auto Scaling group ${name} can't be seen: ${(error as Error).message}; allow autoscaling:DescribePolicies and autoscaling:DescribeScheduledActions`;
    }
  }

  #say(message: string): void {
    if (message !== '' && message !== this.#said) this.#warn(message);
    this.#said = message;
  }
}
