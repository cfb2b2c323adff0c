/** What bounds the number of workers. */
export interface WorkerBounds {
  /** May be infinite. */
  readonly maxWorkers: number;
  /** Memory reckoned for one worker. */
  readonly workerBytes: number;
  /** May be a fraction, as container limits are. */
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** How many workers to start, at least 1, and which bound decided, in words. */
export interface WorkerCount {
  readonly workers: number;
  readonly workersBound: string;
}

/** The smallest of three bounds: 8 workers wanted, 16 CPUs and 32 GiB at 8 GiB each make 4, by memory. */
export function countWorkers(bounds: WorkerBounds): WorkerCount {
  const byMemory = Math.floor(bounds.memoryBytes / bounds.workerBytes);
  const byCpus = Math.floor(bounds.cpus);
  const workers = Math.max(1, Math.min(bounds.maxWorkers, byCpus, byMemory));
  if (bounds.maxWorkers <= Math.min(byCpus, byMemory)) return { workers, workersBound: 'MAX_WORKERS' };
  const memory = `${toMib(bounds.memoryBytes)} MiB of memory at ${toMib(bounds.workerBytes)} MiB each`;
  return { workers, workersBound: byMemory < byCpus ? memory : `${bounds.cpus} CPUs` };
}

function toMib(bytes: number): number {
  return Math.floor(bytes / 1024 ** 2);
}
