import type { Clock } from '../../clock.ts';
import { ScalerError } from '../../errors.ts';
import { autoscaler } from './api-schemas.ts';
import { describeForeignScaler, foreignScaler } from './foreign-scaler.ts';
import { accepted, type KubernetesApi } from './kubernetes-api.ts';
import { describeTarget, type KubernetesTarget } from './target.ts';

/** An autoscaler is made or deleted once in months. */
const LOOK_EVERY_MS = 60_000;

export interface ForeignScalerWatchParts {
  readonly api: KubernetesApi;
  readonly clock: Clock;
  readonly onForeignScaler: 'refuse' | 'warn';
  readonly warn: (group: string, message: string) => void;
}

interface Look {
  readonly atMs: number;
  readonly problem: string | undefined;
}

/** Looks, at most once a minute for each group, whether an autoscaler of the cluster scales the same target. */
export class ForeignScalerWatch {
  readonly #parts: ForeignScalerWatchParts;
  readonly #looks = new Map<string, Look>();
  readonly #warned = new Map<string, string>();

  constructor(parts: ForeignScalerWatchParts) {
    this.#parts = parts;
  }

  /** @throws ScalerError `SCALER_DRIVER_CONFLICT` where somebody else scales it and that is to be refused */
  async check(
    group: string,
    target: KubernetesTarget,
    namespace: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, onForeignScaler } = this.#parts;
    const last = this.#looks.get(group);
    const isFresh = last !== undefined && Math.abs(clock.nowMs() - last.atMs) < LOOK_EVERY_MS;
    const problem = isFresh ? last.problem : await this.#look(group, target, namespace, signal);
    this.#looks.set(group, { atMs: isFresh ? last.atMs : clock.nowMs(), problem });
    if (problem === undefined) return;
    if (onForeignScaler === 'refuse') throw new ScalerError('SCALER_DRIVER_CONFLICT', problem);
    this.#warn(group, problem);
  }

  async #look(
    group: string,
    target: KubernetesTarget,
    namespace: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const path = `/apis/autoscaling/v2/namespaces/${encodeURIComponent(namespace)}/horizontalpodautoscalers`;
    const it = describeTarget(target, namespace);
    const what = `looking for autoscalers of ${it}`;
    // The first page alone shows whether it may be read.
    const allowed = await this.#parts.api.send({ path: `${path}?limit=1` }, signal);
    if (allowed.status === 403) {
      const message = `may not list horizontalpodautoscalers in namespace ${namespace}, so an HPA that scales ${it} too would go unnoticed: give the scaler's service account that right`;
      this.#warn(group, message);
      return undefined;
    }
    if (allowed.status === 404) return undefined; // a cluster without autoscaling/v2
    accepted(allowed, what);
    const autoscalers = (await this.#parts.api.list(path, {}, autoscaler, what, signal)) ?? [];
    const found = foreignScaler(autoscalers, target);
    return found && describeForeignScaler(found, it, namespace);
  }

  #warn(group: string, message: string): void {
    if (this.#warned.get(group) === message) return;
    this.#warned.set(group, message);
    this.#parts.warn(group, message);
  }
}
