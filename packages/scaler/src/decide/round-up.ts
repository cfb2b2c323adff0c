/** Whole replicas for a need; what arithmetic added to a whole number is not another replica. */
export function roundUp(replicas: number): number {
  return Math.ceil(replicas - 1e-9);
}
