import type { CostCurve } from './cost-model.ts';

/** Milliseconds of one chunk beside a batch's fixed cost. */
export function chunkMs({ perChunkMs, perKilocharacterMs }: CostCurve, characters: number): number {
  return perChunkMs + (perKilocharacterMs * characters) / 1_000;
}
