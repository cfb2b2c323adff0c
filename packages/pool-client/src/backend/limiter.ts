import PQueue from 'p-queue';

/** At most so many batches under way on one backend. */
export interface Limiter {
  run<T>(action: () => Promise<T>): Promise<T>;
}

/** Batches leave for a backend only when it has room, so none ever waits here; the bound holds even if a planner errs. */
export function limiter(maxConcurrent: number): Limiter {
  const queue = new PQueue({ concurrency: maxConcurrent });
  return { run: (action) => queue.add(action) };
}
