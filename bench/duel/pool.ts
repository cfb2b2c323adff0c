import type { BackendPlan } from '../scenarios.ts';
import { idealPerSecond } from './ideal.ts';

/** A simulated model server of the duel. */
export type ServerPlan = Extract<BackendPlan, { kind: 'simulated' }>;

const GPU: ServerPlan = { kind: 'simulated', class: 'gpu', aMs: 6, bMs: 0.22 };
const CPU: ServerPlan = { kind: 'simulated', class: 'cpu', aMs: 2, bMs: 1.6 };

/** The model servers that every rival has behind it: one like a GPU, four like a CPU. */
export const SERVERS: readonly ServerPlan[] = [GPU, CPU, CPU, CPU, CPU];

/** What counts as all that these servers can do: each always busy with batches of 128, the size a GPU wants. */
export const IDEAL_BATCH = 128;
export const IDEAL_PER_SECOND: number = idealPerSecond(SERVERS, IDEAL_BATCH);

/** The GPU's weight where one is set by hand: 3,747 chunks/s beside 619 at batches of 128. */
export const GPU_WEIGHT: number = Math.round(
  idealPerSecond([GPU], IDEAL_BATCH) / idealPerSecond([CPU], IDEAL_BATCH),
);

/** How DJL is set up where it is to merge requests: up to 128, and not long enough waiting to be felt. */
export const MERGING = { batchSize: 128, maxBatchDelayMs: 5 } as const;
