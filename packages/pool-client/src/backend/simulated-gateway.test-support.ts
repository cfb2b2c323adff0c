import { leastWork } from '../balancing/least-work.ts';
import { TRIAL_CHUNKS } from '../cost/class-costs.ts';
import type { BatchShape } from '../cost/cost-model.ts';
import { plan } from '../planning/plan.ts';
import type { EventLine } from './event-line.test-support.ts';
import { Pace } from './pace.ts';
import type { SimulatedServer } from './simulated-machine.test-support.ts';

/** Milliseconds of the one thread that a gateway has. */
export interface LoopCosts {
  /** To read a request, and once more to answer it. */
  readonly requestMs: number;
  /** To send a batch, and once more to read its answer. */
  readonly batchMs: number;
  /** The same for each chunk of it. */
  readonly chunkMs: number;
  /** To plan. */
  readonly planMs: number;
}

/** One request. */
export interface SimulatedJob {
  readonly chunks: number;
  readonly characters: number;
  readonly sentMs: number;
  readonly answered: (atMs: number) => void;
}

interface Waiting {
  readonly job: SimulatedJob;
  unsent: number;
  unanswered: number;
}

interface Span {
  readonly waiting: Waiting;
  readonly chunks: number;
}

/**
 * `plan` and `Pace` on the one thread of an event loop, without sockets. In each turn the loop handles what has come, then plans
 * once; what comes meanwhile waits for the next turn. The end of a batch is planned upon at once, before its callers are
 * answered.
 */
export class SimulatedGateway {
  readonly paces: readonly Pace[];
  queued = 0;
  /** Time on this thread: beyond the line's while a turn is being worked through. */
  #nowMs = 0;
  #inbox: (() => void)[] = [];
  #turnDue = false;
  #planDue = false;
  #wakeMs = Number.POSITIVE_INFINITY;
  #queue: Waiting[] = [];
  #head = 0;
  readonly #line: EventLine;
  readonly #servers: readonly SimulatedServer[];
  readonly #costs: LoopCosts;
  /** Milliseconds until the end of a batch is noticed. */
  readonly #delayMs: () => number;
  readonly #onAnswered: (server: number, chunks: number, atMs: number) => void;

  constructor(
    line: EventLine,
    servers: readonly SimulatedServer[],
    costs: LoopCosts,
    delayMs: () => number,
    onAnswered: (server: number, chunks: number, atMs: number) => void,
  ) {
    this.#line = line;
    this.#servers = servers;
    this.#costs = costs;
    this.#delayMs = delayMs;
    this.#onAnswered = onAnswered;
    this.paces = servers.map(
      ({ machine }, i) =>
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

  receive(job: SimulatedJob): void {
    this.#post(() => {
      this.#nowMs += this.#costs.requestMs;
      this.#queue.push({ job, unsent: job.chunks, unanswered: job.chunks });
      this.queued += job.chunks;
      this.#planDue = true;
    });
  }

  #post(run: () => void): void {
    this.#inbox.push(run);
    if (this.#turnDue) return;
    this.#turnDue = true;
    this.#line.at(this.#nowMs, () => this.#turn());
  }

  #turn(): void {
    this.#turnDue = false;
    this.#nowMs = this.#line.nowMs;
    const inbox = this.#inbox;
    this.#inbox = [];
    for (const run of inbox) run();
    if (this.#planDue) this.#plan();
  }

  #plan(): void {
    this.#planDue = false;
    if (this.queued === 0) return;
    this.#nowMs += this.#costs.planMs;
    const nowMs = this.#nowMs;
    const views = this.paces.map((pace, i) =>
      pace.view(`${i}`, this.#servers[i]?.machine.class ?? 'default', nowMs),
    );
    const { assignments, trials, againInMs } = plan(this.queued, views, leastWork);
    for (const { backendId, maxChunks } of assignments) this.#send(Number(backendId), maxChunks);
    for (const backendId of trials) this.#try(Number(backendId));
    if (againInMs !== undefined) this.#wakeAt(nowMs + againInMs);
  }

  #wakeAt(dueMs: number): void {
    if (this.#wakeMs <= dueMs) return;
    this.#wakeMs = dueMs;
    this.#line.at(dueMs, () => {
      this.#post(() => {
        if (this.#wakeMs === dueMs) this.#wakeMs = Number.POSITIVE_INFINITY;
        this.#planDue = true;
      });
    });
  }

  #send(index: number, maxChunks: number): void {
    const pace = this.paces[index] as Pace; // the plan names those it was given
    const spans = this.#take(maxChunks);
    const longest = Math.max(...spans.map(({ waiting }) => waiting.job.characters));
    const chunks = spans.reduce((sum, span) => sum + span.chunks, 0);
    const shape: BatchShape = { chunks, paddedCharacters: chunks * longest };
    const flight = pace.sent(shape, this.#nowMs);
    const handlingMs = this.#costs.batchMs + this.#costs.chunkMs * chunks;
    this.#nowMs += handlingMs;
    const ended = () => {
      this.#nowMs += handlingMs;
      pace.ended(flight, this.#nowMs, true, this.queued > 0);
      this.#onAnswered(index, chunks, this.#nowMs);
      this.#plan();
      for (const { waiting, chunks: own } of spans) this.#answer(waiting, own);
    };
    this.#line.at(this.#nowMs, () => {
      this.#servers[index]?.receive(shape, () => {
        this.#line.at(this.#line.nowMs + this.#delayMs(), () => this.#post(ended));
      });
    });
  }

  /** Sends texts of its own. */
  #try(index: number): void {
    const pace = this.paces[index] as Pace; // the plan names those it was given
    const shape: BatchShape = { chunks: TRIAL_CHUNKS, paddedCharacters: TRIAL_CHUNKS * pace.usualCharacters };
    const flight = pace.sent(shape, this.#nowMs);
    const ended = () => {
      pace.ended(flight, this.#nowMs, true, this.queued > 0);
      this.#plan();
    };
    this.#line.at(this.#nowMs, () => {
      this.#servers[index]?.receive(shape, () => {
        this.#line.at(this.#line.nowMs + this.#delayMs(), () => this.#post(ended));
      });
    });
  }

  #answer(waiting: Waiting, chunks: number): void {
    waiting.unanswered -= chunks;
    if (waiting.unanswered > 0) return;
    this.#nowMs += this.#costs.requestMs;
    const atMs = this.#nowMs;
    this.#line.at(atMs, () => waiting.job.answered(atMs));
  }

  #take(maxChunks: number): Span[] {
    const spans: Span[] = [];
    let left = maxChunks;
    while (left > 0) {
      const waiting = this.#queue[this.#head] as Waiting; // no more is taken than is queued
      const chunks = Math.min(left, waiting.unsent);
      waiting.unsent -= chunks;
      left -= chunks;
      spans.push({ waiting, chunks });
      if (waiting.unsent === 0) this.#head += 1;
    }
    this.queued -= maxChunks;
    if (this.#head > 10_000) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return spans;
  }
}
