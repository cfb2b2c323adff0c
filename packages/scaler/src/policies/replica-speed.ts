import { lastKnown } from './last-known.ts';
import type { PolicyContext } from './policy-context.ts';
import { recentMean } from './recent-mean.ts';

/** What one replica of a group does when it is fully busy. */
export interface ReplicaSpeed {
  readonly chunksPerSecond: number;
  /** False while it is only what its class is said to do. */
  readonly measured: boolean;
}

const SIGNAL = 'chunks_per_second_per_replica';

/** What is learned of batches jumps from one tick to the next: its mean over so long is meant. */
const MEAN_SECONDS = 60;

/** Measured now, else before, else the class's. A speed stays true while nobody measures it. */
export function replicaSpeed(
  context: Pick<
    PolicyContext,
    'past' | 'samples' | 'nowMs' | 'learnedChunksPerSecond' | 'classChunksPerSecond'
  >,
): ReplicaSpeed {
  const mean = recentMean(SIGNAL, MEAN_SECONDS, 0, context)?.mean;
  const measured =
    mean !== undefined && mean > 0 ? mean : (lastKnown(SIGNAL, context) ?? context.learnedChunksPerSecond);
  return { chunksPerSecond: measured ?? context.classChunksPerSecond, measured: measured !== undefined };
}
