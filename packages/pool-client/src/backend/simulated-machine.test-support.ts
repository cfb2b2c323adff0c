import type { BackendClass } from '../backend-entry.ts';
import type { BatchShape } from '../cost/cost-model.ts';
import type { EventLine } from './event-line.test-support.ts';

/** What a simulated backend really takes for a batch; it works on `workers` at once, in the order they came. */
export interface Machine {
  readonly class: BackendClass;
  readonly workers: number;
  readonly maxBatch: number;
  readonly concurrency: number;
  /** `besides` are the batches that other workers work on at that moment. */
  batchMs(shape: BatchShape, nowMs: number, besides: number): number;
}

/** A machine of `baseMs + perChunkMs × n` milliseconds a batch. */
export function machine(
  kind: BackendClass,
  baseMs: number,
  perChunkMs: number,
  given: Partial<Machine> = {},
): Machine {
  return {
    class: kind,
    workers: 1,
    maxBatch: 128,
    concurrency: 8,
    batchMs: ({ chunks }) => baseMs + perChunkMs * chunks,
    ...given,
  };
}

/** The queue before a machine's workers: first in, first out, whoever sent it. */
export class SimulatedServer {
  readonly machine: Machine;
  readonly #line: EventLine;
  readonly #waiting: { readonly shape: BatchShape; readonly done: () => void }[] = [];
  #running = 0;

  constructor(machine: Machine, line: EventLine) {
    this.machine = machine;
    this.#line = line;
  }

  receive(shape: BatchShape, done: () => void): void {
    this.#waiting.push({ shape, done });
    this.#begin();
  }

  #begin(): void {
    while (this.#running < this.machine.workers) {
      const next = this.#waiting.shift();
      if (!next) return;
      const { nowMs } = this.#line;
      const batchMs = this.machine.batchMs(next.shape, nowMs, this.#running);
      this.#running += 1;
      this.#line.at(nowMs + batchMs, () => {
        this.#running -= 1;
        next.done();
        this.#begin();
      });
    }
  }
}
