/** What the replica calculator knows of the pods. */
export interface HpaPods {
  /** The desired count of the scaled object. */
  readonly current: number;
  readonly ready: number;
  /** Launched and not ready. */
  readonly unready: number;
  /** Mean CPU utilisation of the ready pods, 0–1, of what they request. */
  readonly utilization: number;
}

/**
 * `GetResourceReplicas` of Kubernetes' replica calculator: ceil(pods × utilisation ÷ target), with both in whole per cent.
 *
 * - ratio above 1 and pods unready: they count, at 0 %; if that takes the ratio to or below 1, or into the tolerance: no change
 * - otherwise only ready pods count, also as the base of the product, so that pods on their way can be given up
 * - |1 − ratio| ≤ 0.1: no change
 *
 * Worked example: 4 ready at 100 %, 2 unready, target 70: ratio 1.43; with the unready 66 % and 0.94: no change.
 */
export function recommendReplicas(pods: HpaPods, targetPercent: number, tolerance: number): number {
  const ratio = Math.floor(pods.utilization * 100 + 1e-9) / targetPercent;
  if (ratio > 1 && pods.unready > 0) {
    const counted = pods.ready + pods.unready;
    const refilled = Math.floor((pods.utilization * 100 * pods.ready) / counted + 1e-9) / targetPercent;
    if (refilled <= 1 || isTolerated(refilled, tolerance)) return pods.current;
    return Math.max(pods.current, Math.ceil(refilled * counted - 1e-9));
  }
  if (isTolerated(ratio, tolerance)) return pods.current;
  return Math.max(0, Math.ceil(ratio * pods.ready - 1e-9));
}

function isTolerated(ratio: number, tolerance: number): boolean {
  return Math.abs(1 - ratio) <= tolerance + 1e-9;
}
