import type { Clock } from '../clock.ts';
import { ScalerError } from '../errors.ts';
import type { Leaving, ObservedReplica } from '../values/replica.ts';
import type { Samples } from '../values/sample.ts';
import type { Driver, DriverEvent, ScaleOrder } from './driver.ts';
import type { ReadAccess } from './kubernetes/access.ts';
import { podMetrics } from './kubernetes/api-schemas.ts';
import { carryOut } from './kubernetes/carry-out.ts';
import { ForeignScalerWatch } from './kubernetes/foreign-scaler-watch.ts';
import { KubernetesApi } from './kubernetes/kubernetes-api.ts';
import { observedPod } from './kubernetes/observed-pod.ts';
import { surgedPods } from './kubernetes/outdated-pods.ts';
import { choosesRemoved, describeTarget, type KubernetesTarget } from './kubernetes/target.ts';
import { leavingNodes, viewTarget } from './kubernetes/target-view.ts';
import { missingUsage, type UsageBase, usageSamples } from './kubernetes/usage-samples.ts';
import { toDriverError } from './to-driver-error.ts';

export interface KubernetesDriverOptions {
  /** By group. */
  readonly targets: ReadonlyMap<string, KubernetesTarget>;
  /** What no other group may scale, for messages. */
  readonly scales?: string;
  readonly readAccess: ReadAccess;
  readonly clock: Clock;
  readonly onForeignScaler: 'refuse' | 'warn';
  readonly usageOf: UsageBase;
  /** Whether pods of nodes that are being emptied are shown as leaving; takes the right to list nodes. */
  readonly watchNodes: boolean;
  readonly onEvent: (event: DriverEvent) => void;
}

const ROLLOUT: Leaving = { because: 'a rollout replaces it' };

/** Others write the same object: its own controller at each change of its status, kubectl, a deployment. */
const TRIES = 5;

/**
 * Replicas as pods of a Deployment, or of anything else with a scale: the count is set on its `/scale`, and its own controllers start and end pods. Which
 * ones end is said by deletion costs; see `removalSteps`.
 */
export class KubernetesDriver implements Driver {
  readonly name = 'kubernetes';
  readonly namesReplicas = false;
  readonly choosesRemoved: boolean;
  readonly strangers = 'adopt';
  readonly listGraceSeconds = 0;
  readonly leastTickSeconds = 2;
  readonly scales?: string;
  readonly #options: KubernetesDriverOptions;
  readonly #api: KubernetesApi;
  readonly #foreign: ForeignScalerWatch;

  constructor(options: KubernetesDriverOptions) {
    const { targets, readAccess, clock, onForeignScaler, onEvent } = options;
    this.#options = options;
    if (options.scales !== undefined) this.scales = options.scales;
    this.choosesRemoved = [...targets.values()].every(choosesRemoved);
    this.#api = new KubernetesApi(readAccess, clock);
    const warn = (group: string, message: string) => onEvent({ kind: 'warned', group, message });
    this.#foreign = new ForeignScalerWatch({ api: this.#api, clock, onForeignScaler, warn });
  }

  async list(group: string, signal: AbortSignal): Promise<readonly ObservedReplica[]> {
    try {
      const { target, namespace } = this.#targetOf(group);
      const { watchNodes, clock } = this.#options;
      const [{ pods, outdated, scale }, nodes] = await Promise.all([
        viewTarget(this.#api, target, namespace, signal),
        watchNodes ? leavingNodes(this.#api, signal) : undefined,
      ]);
      const nowMs = clock.nowMs();
      const surged = surgedPods(pods, outdated, scale.spec.replicas);
      return pods.flatMap((pod) => {
        const leaving = nodes?.get(pod.spec.nodeName ?? '') ?? (surged.has(pod) ? ROLLOUT : undefined);
        const replica = observedPod(pod, target, nowMs, leaving);
        // One that never served and that a rollout takes away is not worth waiting for.
        if (replica === undefined || (surged.has(pod) && replica.state === 'starting')) return [];
        return [{ ...replica, ...(outdated.includes(pod) && { replaced: true }) }];
      });
    } catch (error) {
      throw toDriverError(error, `listing the pods of group "${group}"`, signal);
    }
  }

  async scale(order: ScaleOrder, signal: AbortSignal): Promise<void> {
    try {
      const { target, namespace } = this.#targetOf(order.group);
      await this.#foreign.check(order.group, target, namespace, signal);
      for (let tries = 1; ; tries += 1) {
        if (await carryOut(order, target, namespace, this.#api, signal)) return;
        if (tries < TRIES) continue;
        const message = `Kubernetes: ${describeTarget(target, namespace)} was changed by others ${TRIES} times while its count was to become ${order.desired}; the next tick tries again`;
        throw new ScalerError('SCALER_DRIVER_FAILED', message, { retryable: true });
      }
    } catch (error) {
      throw toDriverError(error, `scaling group "${order.group}" to ${order.desired} pods`, signal);
    }
  }

  async measure(group: string, signal: AbortSignal): Promise<Samples> {
    const { clock, usageOf } = this.#options;
    try {
      const { target, namespace } = this.#targetOf(group);
      const { pods, selector } = await viewTarget(this.#api, target, namespace, signal);
      const path = `/apis/metrics.k8s.io/v1beta1/namespaces/${encodeURIComponent(namespace)}/pods`;
      const what = `reading metrics of ${describeTarget(target, namespace)}`;
      const metrics = await this.#api.list(path, { labelSelector: selector }, podMetrics, what, signal);
      const nowMs = clock.nowMs();
      if (metrics === undefined)
        return missingUsage('the cluster has no metrics API: install metrics-server', nowMs);
      const ready = pods.filter((pod) => observedPod(pod, target, nowMs)?.state === 'ready');
      return usageSamples(ready, metrics, usageOf, nowMs);
    } catch (error) {
      return missingUsage(toDriverError(error, 'reading metrics', signal).message, clock.nowMs());
    }
  }

  async close(): Promise<void> {
    await this.#api.close();
  }

  #targetOf(group: string): { readonly target: KubernetesTarget; readonly namespace: string } {
    const target = this.#options.targets.get(group);
    if (target === undefined)
      throw new ScalerError('SCALER_CONFIG', `driver kubernetes has no group ${group}`);
    return { target, namespace: target.namespace ?? this.#api.namespace };
  }
}
