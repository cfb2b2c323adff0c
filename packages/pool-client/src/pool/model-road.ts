import type { Backend } from '../backend/backend.ts';
import { isUsable } from '../backend/backend-state.ts';
import { Dispatcher, type DispatcherParts } from '../dispatch/dispatcher.ts';
import type { Job } from '../job.ts';

/** Everything the pool keeps of one model. */
export class ModelRoad {
  readonly dispatcher: Dispatcher;
  readonly #open = new Set<Job>();

  constructor(parts: DispatcherParts) {
    this.dispatcher = new Dispatcher(parts);
  }

  /** Jobs of this model that are not settled. */
  get openJobs(): number {
    return this.#open.size;
  }

  /** Whether some backend is there to try. */
  get hasBackend(): boolean {
    return this.dispatcher.backends.some(isUsable);
  }

  get queuedWorkSeconds(): number {
    return this.dispatcher.queuedWorkMs / 1_000;
  }

  setBackends(backends: readonly Backend[]): void {
    this.dispatcher.setBackends(backends);
  }

  submit(job: Job): void {
    this.#open.add(job);
    this.dispatcher.submit(job);
  }

  /** Lets a settled job go; false when it is not of this model. */
  settled(job: Job): boolean {
    if (!this.#open.delete(job)) return false;
    this.dispatcher.queue.forget(job);
    return true;
  }
}
