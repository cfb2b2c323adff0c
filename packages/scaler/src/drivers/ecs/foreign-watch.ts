import type { ApplicationAutoScalingApi, ScalableTarget } from '../../aws/application-auto-scaling-api.ts';
import type { Clock } from '../../clock.ts';
import { ScalerError } from '../../errors.ts';
import type { EcsOptions } from './ecs-options.ts';

/** Targets are looked up no more often than this. */
const PACE_MS = 60_000;

interface ForeignWatchParts {
  readonly scaling: ApplicationAutoScalingApi;
  readonly clock: Clock;
  /** Is told the same as long as it holds. */
  readonly warn: (message: string | undefined) => void;
}

/** Sees to it that nobody else sets the same service's desired count. */
export class ForeignWatch {
  readonly #options: Pick<EcsOptions, 'cluster' | 'service' | 'onForeignScaler'>;
  readonly #parts: ForeignWatchParts;
  #targets: readonly ScalableTarget[] = [];
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    options: Pick<EcsOptions, 'cluster' | 'service' | 'onForeignScaler'>,
    parts: ForeignWatchParts,
  ) {
    this.#options = options;
    this.#parts = parts;
  }

  /** Looks, and warns where somebody does or where it can't be seen, which holds nothing up. */
  async look(signal: AbortSignal): Promise<void> {
    const { scaling, clock, warn } = this.#parts;
    const nowMs = clock.nowMs();
    if (Math.abs(nowMs - this.#lookedAtMs) < PACE_MS) return;
    const resource = this.#resource();
    try {
      this.#targets = await scaling.ecsTargets(resource, signal);
      const found = this.#conflict();
      warn(found);
    } catch (error) {
      signal.throwIfAborted(); // then nothing else would work either
      warn(
        `whether somebody else scales ${resource} can't be seen: ${(error as Error).message}; allow application-autoscaling:DescribeScalableTargets`,
      );
    }
    this.#lookedAtMs = nowMs;
  }

  /** Throws `SCALER_DRIVER_CONFLICT` where somebody does, as of the last look, unless a warning is enough. */
  check(): void {
    const found = this.#conflict();
    if (found === undefined || this.#options.onForeignScaler === 'warn') return;
    throw new ScalerError('SCALER_DRIVER_CONFLICT', found);
  }

  #conflict(): string | undefined {
    const target = this.#targets.find(({ suspended }) => !suspended);
    if (target === undefined) return undefined;
    const { resourceId, min, max } = target;
    return `Application Auto Scaling holds ${resourceId} between ${min} and ${max} tasks too: the two would undo each other; deregister its scalable target, suspend all of its scaling, or set onForeignScaler: warn`;
  }

  #resource(): string {
    const { cluster, service } = this.#options;
    return `service/${cluster.slice(cluster.lastIndexOf('/') + 1)}/${service}`;
  }
}
