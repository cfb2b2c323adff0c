import type { Fault } from './fault.ts';

/** Decides which faults strike which request, and for how long a slow start lasts. */
export class FaultSchedule {
  readonly #random: () => number;
  readonly #nowMs: () => number;
  #faults: readonly Fault[] = [];
  #seenRequests = 0;
  #startedMs = 0;

  constructor(random: () => number, nowMs: () => number) {
    this.#random = random;
    this.#nowMs = nowMs;
  }

  /** Replaces all faults and starts counting anew. */
  set(faults: readonly Fault[]): void {
    this.#faults = faults;
    this.#seenRequests = 0;
    this.restart();
  }

  /** Begins the slow start again. */
  restart(): void {
    this.#startedMs = this.#nowMs();
  }

  /** Counts one embedding request and names the faults that strike it. */
  next(): readonly Fault[] {
    if (this.#faults.length === 0) return NONE;
    this.#seenRequests += 1;
    return this.#faults.filter((fault) => this.#strikes(fault));
  }

  /** The fault that makes `/ping` lie. */
  get ping(): Extract<Fault, { kind: 'ping' }> | undefined {
    return this.#faults.find((fault) => fault.kind === 'ping');
  }

  /** The slow start that is still going on, with the milliseconds that it has left. */
  get slowStart(): { readonly answer: 'not-ready' | 'refused'; readonly leftMs: number } | undefined {
    const fault = this.#faults.find((candidate) => candidate.kind === 'slow-start');
    if (!fault) return undefined;
    const leftMs = fault.forMs - (this.#nowMs() - this.#startedMs);
    return leftMs > 0 ? { answer: fault.answer, leftMs } : undefined;
  }

  #strikes({ probability = 1, count = Number.POSITIVE_INFINITY, afterRequests = 0 }: Fault): boolean {
    const nth = this.#seenRequests - afterRequests;
    if (nth < 1 || nth > count) return false;
    return probability >= 1 || this.#random() < probability;
  }
}

const NONE: readonly Fault[] = [];
