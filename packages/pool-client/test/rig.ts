import { EmbedderPool, type EmbedderPoolOptions, PoolError, type PoolEvent } from '@forebay/pool-client';
import {
  expectedVector,
  type SimulatedBackend,
  type SimulatedBackendOptions,
  startSimulatedBackend,
} from '@forebay/testing';
import { onTestFinished } from 'vitest';

export const MODEL = 'all-MiniLM-L6-v2';

/** A simulated backend that counts its texts, closed when the test ends. */
export async function startBackend(options: SimulatedBackendOptions = {}): Promise<SimulatedBackend> {
  const backend = await startSimulatedBackend({ countTexts: true, ...options });
  onTestFinished(() => backend.close());
  return backend;
}

/** A pool with what it tells, closed when the test ends. */
export interface WatchedPool {
  readonly pool: EmbedderPool;
  readonly events: readonly PoolEvent[];
}

export function startPool(options: EmbedderPoolOptions): WatchedPool {
  const pool = new EmbedderPool(options);
  const events: PoolEvent[] = [];
  pool.subscribe((event) => events.push(event));
  onTestFinished(() => pool.close());
  return { pool, events };
}

/** A pool over these backends in which each has embedded something. */
export async function startProvenPool(
  backends: readonly SimulatedBackend[],
  options: EmbedderPoolOptions = {},
): Promise<WatchedPool> {
  const watched = startPool({ backends: backends.map(({ djlUrl }) => djlUrl), ...options });
  await watched.pool.ready();
  await until(() => watched.pool.stats().backends.every(({ state }) => state === 'serving'));
  for (const backend of backends) backend.resetCounters();
  return watched;
}

/** Texts that are all different, and from those of another name. */
export function textsOf(count: number, name = 'text'): string[] {
  return Array.from({ length: count }, (_, i) => `${name} ${i} of ${count}`);
}

/** Indices of vectors that are not the exact ones of their texts. */
export function wrongIndices(
  texts: readonly string[],
  vectors: readonly (readonly number[] | Float32Array | undefined)[],
  model = MODEL,
): number[] {
  if (vectors.length !== texts.length) throw new Error(`${vectors.length} vectors of ${texts.length} texts`);
  return texts.flatMap((text, index) => {
    const expected = expectedVector(text, { model });
    const vector = vectors[index];
    const right =
      vector !== undefined &&
      vector.length === expected.length &&
      expected.every(
        (value, i) => vector[i] === (vector instanceof Float32Array ? Math.fround(value) : value),
      );
    return right ? [] : [index];
  });
}

/** How often each text was computed, over all these backends. */
export function timesComputed(backends: readonly SimulatedBackend[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const { counters } of backends) {
    for (const [text, count] of counters.timesComputed) times.set(text, (times.get(text) ?? 0) + count);
  }
  return times;
}

/** Looks until it holds; a test that waits in vain ends by its own time limit. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** The error that this ends with; throws when it ends well. */
export async function poolErrorOf(promise: Promise<unknown>): Promise<PoolError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof PoolError) return error;
    throw error;
  }
  throw new Error('expected a PoolError, got an answer');
}

/** Accepted and settled chunks by outcome; once all calls are settled the sums are equal. */
export function chunkSums(events: readonly PoolEvent[]): Record<string, number> {
  const sums: Record<string, number> = { accepted: 0, ok: 0, error: 0, cancelled: 0 };
  for (const event of events) {
    if (event.kind === 'job-accepted') sums.accepted = (sums.accepted ?? 0) + event.chunks;
    if (event.kind === 'chunks-settled') sums[event.outcome] = (sums[event.outcome] ?? 0) + event.chunks;
  }
  return sums;
}
