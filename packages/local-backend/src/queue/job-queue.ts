import { LocalBackendError } from '../errors.ts';
import type { Embedder, EmbedInput } from '../model/embedder.ts';

interface Job {
  readonly input: EmbedInput;
  readonly signal: AbortSignal;
  resolve(json: Uint8Array): void;
  reject(error: unknown): void;
}

/** First in, first out, before any number of workers; bounded. Each worker has one request at a time. */
export class JobQueue {
  readonly #maxQueued: number;
  /** In order of arrival; a set, because callers leave from anywhere. */
  readonly #waiting = new Set<Job>();
  readonly #workers = new Set<Embedder>();
  readonly #idle = new Set<Embedder>();

  /** @param maxQueued most requests that wait while all workers are busy, at least 1 */
  constructor(maxQueued: number) {
    this.#maxQueued = maxQueued;
  }

  /** Requests that no worker has begun. */
  get queued(): number {
    return this.#waiting.size;
  }

  /** Workers that can take requests, busy or not. */
  get workers(): number {
    return this.#workers.size;
  }

  /**
   * The JSON of the vectors. A request whose `signal` is aborted leaves the queue at once. Rejects with `BACKEND_NOT_READY`,
   * `BACKEND_QUEUE_FULL`, `BACKEND_ABORTED`, or as the worker does.
   */
  submit(input: EmbedInput, signal: AbortSignal): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) throw aborted();
      if (this.#workers.size === 0) throw notReady();
      if (this.#idle.size === 0 && this.#waiting.size >= this.#maxQueued) throw full(this.#maxQueued);
      const job: Job = { input, signal, resolve, reject };
      const leave = () => {
        if (this.#waiting.delete(job)) reject(aborted());
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.add(job);
      this.#dispatch();
    });
  }

  /** Lets `worker` take requests. */
  add(worker: Embedder): void {
    this.#workers.add(worker);
    this.#idle.add(worker);
    this.#dispatch();
  }

  /** Gives `worker` no more requests. When it was the last one, those that wait fail rather than wait for ever. */
  remove(worker: Embedder): void {
    this.#workers.delete(worker);
    this.#idle.delete(worker);
    if (this.#workers.size === 0) this.rejectWaiting(notReady());
  }

  /** Fails every request that no worker has begun. */
  rejectWaiting(error: LocalBackendError): void {
    for (const job of this.#waiting) job.reject(error);
    this.#waiting.clear();
  }

  #dispatch(): void {
    for (const worker of this.#idle) {
      const [job] = this.#waiting;
      if (!job) return;
      this.#waiting.delete(job);
      this.#idle.delete(worker);
      void this.#run(worker, job);
    }
  }

  async #run(worker: Embedder, { input, signal, resolve, reject }: Job): Promise<void> {
    try {
      resolve(await worker.embed(input, signal));
    } catch (error) {
      reject(error);
    }
    if (!this.#workers.has(worker)) return;
    this.#idle.add(worker);
    this.#dispatch();
  }
}

function aborted(): LocalBackendError {
  return new LocalBackendError('BACKEND_ABORTED', 'The caller left');
}

function notReady(): LocalBackendError {
  return new LocalBackendError('BACKEND_NOT_READY', 'Model is not ready: no worker has loaded it yet');
}

function full(maxQueued: number): LocalBackendError {
  const message = `Worker queue capacity exceeded: ${maxQueued} requests wait already; try again later or elsewhere`;
  return new LocalBackendError('BACKEND_QUEUE_FULL', message);
}
