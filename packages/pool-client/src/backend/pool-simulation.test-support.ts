import { seededRandom } from '@forebay/testing';
import type { Random } from '../random.ts';
import { EventLine } from './event-line.test-support.ts';
import { type LoopCosts, SimulatedGateway } from './simulated-gateway.test-support.ts';
import { type Machine, SimulatedServer } from './simulated-machine.test-support.ts';

export interface SimulationOptions {
  readonly seed?: number;
  readonly gateways?: number;
  readonly costs?: LoopCosts;
  /** Milliseconds from the end of a batch until its gateway could notice. */
  readonly delayMs?: (random: Random) => number;
  /** Milliseconds of a client between an answer and its next request. */
  readonly thinkMs?: number;
}

/** What clients send; one chunk of 200 characters unless told. */
export interface Requests {
  readonly chunks?: (random: Random) => number;
  readonly characters?: (random: Random) => number;
}

export interface Finished {
  readonly chunks: number;
  readonly sentMs: number;
  readonly atMs: number;
}

/** A thread that costs nothing. */
export const NO_COSTS: LoopCosts = { requestMs: 0, batchMs: 0, chunkMs: 0, planMs: 0 };

/** Clients, gateways and machines in virtual time; the same seed gives the same run. */
export class PoolSimulation {
  readonly gateways: readonly SimulatedGateway[];
  readonly finished: Finished[] = [];
  readonly #line = new EventLine();
  readonly #random: Random;
  readonly #thinkMs: number;
  readonly #answered: { readonly machine: number; readonly chunks: number; readonly atMs: number }[] = [];

  constructor(
    machines: readonly Machine[],
    { seed = 1, gateways = 1, costs = NO_COSTS, delayMs = () => 0, thinkMs = 0.1 }: SimulationOptions = {},
  ) {
    this.#random = seededRandom(seed);
    this.#thinkMs = thinkMs;
    const servers = machines.map((machine) => new SimulatedServer(machine, this.#line));
    const onAnswered = (machine: number, chunks: number, atMs: number) =>
      this.#answered.push({ machine, chunks, atMs });
    this.gateways = Array.from(
      { length: gateways },
      () => new SimulatedGateway(this.#line, servers, costs, () => delayMs(this.#random), onAnswered),
    );
  }

  get nowMs(): number {
    return this.#line.nowMs;
  }

  /** So many clients, evenly over the gateways; each sends its next request when the last was answered. */
  closedLoop(clients: number, requests: Requests = {}): void {
    for (let client = 0; client < clients; client += 1) {
      const send = () =>
        this.#request(client, requests, () => this.#line.at(this.nowMs + this.#thinkMs, send));
      // No crowd begins in one moment.
      this.#line.at(this.nowMs + this.#random() * 20, send);
    }
  }

  /** Requests at random moments (Poisson), answered or not. */
  openLoop(perSecond: number, requests: Requests = {}): void {
    let count = 0;
    const next = () => {
      this.#request(count, requests);
      count += 1;
      this.#line.at(this.nowMs + exponential(1_000 / perSecond)(this.#random), next);
    };
    next();
  }

  /** One job of so many chunks, now. */
  submit(chunks: number): void {
    this.#request(0, { chunks: () => chunks });
  }

  run(untilMs: number): void {
    this.#line.run(untilMs);
  }

  /** Chunks answered per second within a span, by all or by one machine. */
  rate(fromMs: number, toMs: number, machine?: number): number {
    let chunks = 0;
    for (const answer of this.#answered) {
      if (answer.atMs <= fromMs || answer.atMs > toMs) continue;
      if (machine === undefined || answer.machine === machine) chunks += answer.chunks;
    }
    return (1_000 * chunks) / (toMs - fromMs);
  }

  /** Latency, in milliseconds, that this share of the requests sent since then stayed below. */
  latencyMs(quantile: number, fromMs: number): number {
    const sorted = this.finished
      .filter(({ sentMs }) => sentMs >= fromMs)
      .map(({ atMs, sentMs }) => atMs - sentMs)
      .sort((a, b) => a - b);
    return sorted[Math.floor(quantile * (sorted.length - 1))] ?? Number.NaN;
  }

  #request(client: number, { chunks, characters }: Requests, onAnswered?: () => void): void {
    const sentMs = this.nowMs;
    const job = {
      chunks: chunks?.(this.#random) ?? 1,
      characters: characters?.(this.#random) ?? 200,
      sentMs,
    };
    const answered = (atMs: number) => {
      this.finished.push({ chunks: job.chunks, sentMs, atMs });
      onAnswered?.();
    };
    this.gateways[client % this.gateways.length]?.receive({ ...job, answered });
  }
}

/** A random span of this mean. */
export function exponential(meanMs: number): (random: Random) => number {
  return (random) => -meanMs * Math.log(1 - random());
}
