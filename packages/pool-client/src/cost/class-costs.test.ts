import { describe, expect, it } from 'vitest';
import { BACKEND_CLASSES } from '../backend-entry.ts';
import { CLASS_COSTS, FIRST_BATCH_LIMIT, TYPICAL_CHARACTERS } from './class-costs.ts';
import type { CostCurve } from './cost-model.ts';

/** Of chunks with the usual length. */
function predictedMs({ baseMs, perChunkMs, perKilocharacterMs }: CostCurve, chunks: number): number {
  return baseMs + chunks * (perChunkMs + perKilocharacterMs * (TYPICAL_CHARACTERS / 1_000));
}

describe('class costs', () => {
  it.each([
    ['gpu', 64, 20, 3_200],
    ['cpu', 32, 53, 600],
  ] as const)('predicts the worked example of %s', (name, chunks, expectedMs, chunksPerSecond) => {
    const ms = predictedMs(CLASS_COSTS[name].curve, chunks);
    expect(Math.round(ms)).toBe(expectedMs);
    expect(Math.round((1_000 * chunks) / ms / 100) * 100).toBe(chunksPerSecond);
  });

  it('has the batch sizes of the two instance classes', () => {
    const limits = Object.fromEntries(BACKEND_CLASSES.map((name) => [name, CLASS_COSTS[name].batchLimit]));
    expect(limits).toEqual({ gpu: 64, large: 64, cpu: 32, small: 32, default: 16 });
  });

  it('takes more time for more chunks, and less for each of them', () => {
    for (const name of BACKEND_CLASSES) {
      const cost = CLASS_COSTS[name].curve;
      expect(predictedMs(cost, 2)).toBeGreaterThan(predictedMs(cost, 1));
      expect(predictedMs(cost, 32) / 32).toBeLessThan(predictedMs(cost, 1));
    }
  });

  it('never starts with more than any class may have', () => {
    for (const name of BACKEND_CLASSES)
      expect(FIRST_BATCH_LIMIT).toBeLessThanOrEqual(CLASS_COSTS[name].batchLimit);
  });
});
