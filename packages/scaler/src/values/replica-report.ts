/** What a replica says of itself, or a platform of a machine, between ticks. It is a claim: what becomes of the replica is the loop's to decide. */
export type ReplicaReport =
  /** It takes work. `url`: where, if it says so. */
  | (ReportBase & { readonly kind: 'ready'; readonly url?: string })
  /** It doesn't work any more: no new work. */
  | (ReportBase & { readonly kind: 'unhealthy' })
  /** It is taken away at `deadlineMs`, or without one it had better be replaced. */
  | (ReportBase & { readonly kind: 'leaving'; readonly deadlineMs?: number });

interface ReportBase {
  /** The id of a replica, or of a machine as the driver names it (`ObservedReplica.machine`). */
  readonly about: string;
  /** For an operator, such as `spot interruption`. */
  readonly because: string;
  /** When it was said. */
  readonly atMs: number;
}
