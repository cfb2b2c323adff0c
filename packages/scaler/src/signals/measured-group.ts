/** The group that is measured. */
export interface MeasuredGroup {
  readonly class: string;
  /** All its replicas that may have work, draining ones included. */
  readonly replicaIds: readonly string[];
  readonly readyIds: readonly string[];
}
