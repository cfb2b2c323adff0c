import type { BackendClass } from '../backend-entry.ts';
import { leastWork } from '../balancing/least-work.ts';
import { plan } from '../planning/plan.ts';
import { type Flight, Pace } from './pace.ts';

/** What a simulated backend really takes for a batch; it works on `workers` at once, in the order they came. */
export interface Machine {
  readonly class: BackendClass;
  readonly workers: number;
  readonly maxBatch: number;
  readonly concurrency: number;
  batchMs(chunks: number, nowMs: number): number;
}

export interface Answered {
  readonly machine: number;
  readonly chunks: number;
  readonly atMs: number;
}

interface Event {
  readonly atMs: number;
  readonly run: () => void;
}

const CHARACTERS = 200;

/** A pool without sockets: `plan` and `Pace` over simulated machines, each moment exact. */
export class PoolSimulation {
  readonly paces: readonly Pace[];
  readonly answered: Answered[] = [];
  nowMs = 0;
  queued = 0;
  readonly #machines: readonly Machine[];
  readonly #clients: { readonly closedLoop: boolean };
  /** When each worker of each machine is free. */
  readonly #freeAtMs: readonly number[][];
  #events: Event[] = [];
  #wakeMs = Number.POSITIVE_INFINITY;

  /** In a closed loop each answered chunk brings a new one at once. */
  constructor(machines: readonly Machine[], clients: { readonly closedLoop: boolean }) {
    this.#machines = machines;
    this.#clients = clients;
    this.#freeAtMs = machines.map(({ workers }) => new Array<number>(workers).fill(0));
    this.paces = machines.map(
      (machine, i) =>
        new Pace({
          id: `${i}`,
          url: 'http://simulated',
          model: 'm',
          protocol: 'djl',
          state: 'ready',
          class: machine.class,
          maxBatch: machine.maxBatch,
          concurrency: machine.concurrency,
        }),
    );
  }

  submit(chunks: number): void {
    this.queued += chunks;
    this.#plan();
  }

  /** Runs until nothing is left to do or `untilMs`. */
  run(untilMs: number): void {
    for (;;) {
      const next = this.#events[0];
      if (!next || next.atMs > untilMs) break;
      this.#events.shift();
      this.nowMs = next.atMs;
      next.run();
    }
    if (Number.isFinite(untilMs)) this.nowMs = untilMs;
  }

  /** Chunks answered per second within a span. */
  rate(fromMs: number, toMs: number, machine?: number): number {
    let chunks = 0;
    for (const answer of this.answered) {
      if (answer.atMs <= fromMs || answer.atMs > toMs) continue;
      if (machine === undefined || answer.machine === machine) chunks += answer.chunks;
    }
    return (1_000 * chunks) / (toMs - fromMs);
  }

  #at(atMs: number, run: () => void): void {
    let i = this.#events.length;
    while (i > 0 && (this.#events[i - 1] as Event).atMs > atMs) i -= 1; // within the list
    this.#events.splice(i, 0, { atMs, run });
  }

  #plan(): void {
    if (this.queued === 0) return;
    const views = this.paces.map((pace, i) => pace.view(`${i}`, 'default', this.nowMs));
    const { assignments, againInMs } = plan(this.queued, views, leastWork);
    for (const { backendId, maxChunks } of assignments) this.#send(Number(backendId), maxChunks);
    // No timer is exact; without a least wait, rounding would let time stand still.
    const dueMs = this.nowMs + Math.max(0.01, againInMs ?? Number.POSITIVE_INFINITY);
    if (this.#wakeMs <= dueMs) return;
    this.#wakeMs = dueMs;
    this.#at(dueMs, () => {
      if (this.#wakeMs === dueMs) this.#wakeMs = Number.POSITIVE_INFINITY;
      this.#plan();
    });
  }

  #send(index: number, chunks: number): void {
    const machine = this.#machines[index] as Machine; // the plan names those it was given
    const pace = this.paces[index] as Pace;
    const workers = this.#freeAtMs[index] as number[];
    this.queued -= chunks;
    const flight = pace.sent({ chunks, paddedCharacters: chunks * CHARACTERS }, this.nowMs);
    const worker = workers.indexOf(Math.min(...workers));
    const beginMs = Math.max(this.nowMs, workers[worker] ?? 0);
    const endMs = beginMs + machine.batchMs(chunks, beginMs);
    workers[worker] = endMs;
    this.#at(endMs, () => this.#ended(index, chunks, flight));
  }

  #ended(machine: number, chunks: number, flight: Flight): void {
    this.paces[machine]?.ended(flight, this.nowMs, true, this.queued > 0);
    this.answered.push({ machine, chunks, atMs: this.nowMs });
    this.#plan();
    if (this.#clients.closedLoop) this.submit(chunks);
  }
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
    batchMs: (chunks) => baseMs + perChunkMs * chunks,
    ...given,
  };
}
