/** Whole replicas for a need, never fewer than none; what arithmetic added to a whole number is not another replica. */
export function roundUp(replicas: number): number {
  // `max` also makes the -0 that `ceil` gives for a need of nothing a plain 0.
  return Math.max(0, Math.ceil(replicas - 1e-9));
}
