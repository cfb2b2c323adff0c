import type { BackendClass } from '../backend-entry.ts';
import type { CostCurve } from './cost-model.ts';

/** What is believed of a backend until its own costs are learned. */
export interface ClassCost {
  /** Most chunks in one batch (two instance classes of large and small machines: 64 and 32; unknown: 16). */
  readonly batchLimit: number;
  readonly curve: CostCurve;
}

/** Characters of a chunk when none was seen: a paragraph. */
export const TYPICAL_CHARACTERS = 200;

/**
 * Published rates turned round: a GPU server does 3,000 to 5,000 chunks/s, a CPU server 500 to 700.
 * A GPU batch of 64 is then believed to take 6 + 64 × 0.22 = 20 ms (3,200 chunks/s), a CPU batch of 32
 * 2 + 32 × 1.6 = 53 ms (600 chunks/s). Unknown machines count as CPUs, so that a pool without classes is balanced by
 * connections alone.
 */
export const CLASS_COSTS: Readonly<Record<BackendClass, ClassCost>> = {
  gpu: { batchLimit: 64, curve: curve(6, 0.22) },
  large: { batchLimit: 64, curve: curve(2, 0.8) },
  cpu: { batchLimit: 32, curve: curve(2, 1.6) },
  small: { batchLimit: 32, curve: curve(2, 3.2) },
  default: { batchLimit: 16, curve: curve(2, 1.6) },
};

/** Most chunks in the first batch that a backend ever gets: a wrong guess about its speed costs little. */
export const FIRST_BATCH_LIMIT = 8;

/** What a pool is believed to do that has never had a backend, in chunks per second: one unknown machine. */
export const UNKNOWN_CHUNKS_PER_SECOND = 500;

/** Chunks that a backend is tried with which the plan has left out for long. */
export const TRIAL_CHUNKS = 4;

/** Half of a chunk's time is believed to go with its length. */
function curve(baseMs: number, perTypicalChunkMs: number): CostCurve {
  return {
    baseMs,
    perChunkMs: perTypicalChunkMs / 2,
    perKilocharacterMs: (1_000 * perTypicalChunkMs) / 2 / TYPICAL_CHARACTERS,
  };
}
