import type { BackendEntry } from '../backend-entry.ts';
import type { BackendView } from '../balancing/backend-view.ts';
import { batchLimit, lineAt } from '../cost/batch-limit.ts';
import { CLASS_COSTS, FIRST_BATCH_LIMIT, TRIAL_CHUNKS, TYPICAL_CHARACTERS } from '../cost/class-costs.ts';
import { type BatchShape, type CostCurve, CostModel } from '../cost/cost-model.ts';
import { FIRST_LEAD_MS, nextLeadMs } from './lead.ts';
import { trialWaitMs } from './trial-wait.ts';
import { WorkerSearch } from './worker-search.ts';

/** A batch under way. */
export interface Flight {
  readonly shape: BatchShape;
  readonly sentMs: number;
  /** When a worker is believed to have begun it; undefined while it waits behind others. */
  begunMs: number | undefined;
  /** Whether it left while one batch more than usual was tried: its time may hold a wait and teaches nothing. */
  readonly tried: boolean;
  /** Given up, though the backend may be at work on it until this moment: a ghost. */
  ghostUntilMs?: number;
}

/** What follows from all that was learned. */
interface Known {
  readonly curve: CostCurve;
  /** The curve for chunks of the usual length. */
  readonly line: ReturnType<typeof lineAt>;
  /** Most chunks in a batch. */
  readonly limit: number;
}

/** Batches after which the class's guess gives way to what was measured. */
const MEASURED_SAMPLES = 2;

/** A batch that took less than this share of what was predicted speaks for a return: the next trial comes at once. */
const PROMISING = 0.6;

/** A batch that seems to have taken this much longer than predicted was rather seen late. */
const LATE_BEYOND = 1.2;

/** Later than this, in milliseconds, no event loop sees an answer: the batch did take long. */
const LATE_MOST_MS = 50;

/** How fast the usual length of chunks follows what is sent. */
const LENGTH_WEIGHT = 0.1;

/**
 * What a backend learns of itself from its batches: how long they take, how many it works on at once, how large they should
 * be, when the next should leave. No clock and no socket: every moment comes in as an argument.
 */
export class Pace {
  /** Most batches that may ever be in flight: those it may work on, and the one that is ready. */
  readonly maxInFlight: number;
  readonly #model: CostModel;
  readonly #search: WorkerSearch;
  #flights: Flight[] = [];
  #grown = FIRST_BATCH_LIMIT;
  #leadMs = FIRST_LEAD_MS;
  #characters = TYPICAL_CHARACTERS;
  #lastSentMs = Number.NEGATIVE_INFINITY;
  /** When the plan last made use of it: when a batch was sent though no trial was due. */
  #lastUsedMs = Number.NEGATIVE_INFINITY;
  #promising = false;
  /** Chunks that it was not known to refuse. */
  #accepted = Number.POSITIVE_INFINITY;
  #most: number;
  #classLimit: number;
  /** What follows from all that was learned, until more is: the planner asks far more often. */
  #known: Known | undefined;

  constructor({ class: kind, concurrency, maxBatch }: BackendEntry) {
    this.#model = new CostModel(CLASS_COSTS[kind].curve);
    this.#search = new WorkerSearch(concurrency);
    this.maxInFlight = concurrency + 1;
    this.#most = maxBatch;
    this.#classLimit = CLASS_COSTS[kind].batchLimit;
  }

  get measured(): boolean {
    return this.#model.samples >= MEASURED_SAMPLES;
  }

  /** Mean relative error of recent predictions. */
  get residual(): number {
    return this.#model.residual;
  }

  /** Chunks per second at full batches, by what is known. */
  get chunksPerSecond(): number {
    const { baseMs, perChunkMs } = this.#line;
    const chunks = this.#limit;
    return (1_000 * chunks * this.#search.known) / Math.max(0.05, baseMs + perChunkMs * chunks);
  }

  setMaxBatch(maxBatch: number): void {
    this.#known = undefined;
    this.#most = maxBatch;
  }

  /**
   * A batch of so many chunks was too large for it: from now on batches hold half as many at most, and one chunk more for each
   * full one that is answered. So a limit that is not known is met again only after as many good batches.
   */
  refused(chunks: number): void {
    this.#known = undefined;
    this.#accepted = Math.min(this.#accepted, Math.max(1, Math.floor(chunks / 2)));
  }

  /** A batch leaves. */
  sent(shape: BatchShape, nowMs: number): Flight {
    this.#known = undefined;
    const begun = this.#flights.filter(({ begunMs }) => begunMs !== undefined).length;
    const flight: Flight = {
      shape,
      sentMs: nowMs,
      begunMs: begun < this.#search.workers ? nowMs : undefined,
      tried: this.#search.trying,
    };
    this.#flights = [...this.#flights, flight];
    const isTrial = this.#promising || nowMs - this.#lastSentMs >= this.#trialWaitMs(nowMs);
    if (!isTrial || this.#lastUsedMs === Number.NEGATIVE_INFINITY) this.#lastUsedMs = nowMs;
    this.#promising = false;
    this.#lastSentMs = nowMs;
    this.#characters += LENGTH_WEIGHT * (shape.paddedCharacters / shape.chunks - this.#characters);
    return flight;
  }

  /**
   * A batch has ended; only a right answer teaches anything. `workWaits` says whether chunks are queued that this backend
   * could have had.
   */
  ended(flight: Flight, nowMs: number, answered: boolean, workWaits: boolean): void {
    this.#flights = this.#flights.filter((other) => other !== flight);
    // Without a pause: more waits here, or there behind those that are being worked on.
    const waitsThere = this.#flights.length >= this.#search.workers;
    const saturated = waitsThere || (workWaits && this.#flights.length >= this.#search.workers - 1);
    if (answered) this.#learn(flight, nowMs, saturated);
    this.#known = undefined;
    if (this.measured && workWaits) {
      const ranDry = this.#flights.length < this.#search.workers;
      this.#leadMs = nextLeadMs(
        this.#leadMs,
        ranDry,
        this.#line.baseMs + this.#line.perChunkMs * this.#limit,
      );
    }
    this.#beginNext((next) => Math.max(next.sentMs, answered ? this.#likelyEndMs(flight, nowMs) : nowMs));
  }

  /**
   * A batch was given up unanswered: its connection ended, but who knows whether its work did. It counts on as a ghost, for as long as it
   * already took: what is overdue is believed to take as long again.
   */
  abandoned(flight: Flight, nowMs: number): void {
    this.#known = undefined;
    flight.ghostUntilMs = 2 * nowMs - flight.sentMs;
  }

  /** The backend answered something that was sent later: ghosts are gone. */
  forgetGhosts(nowMs: number): void {
    this.#letGhostsGo(nowMs, Number.POSITIVE_INFINITY);
  }

  /** Chunks of given-up batches that the backend may still be at work on. */
  ghostChunks(nowMs: number): number {
    this.#letGhostsGo(nowMs);
    return this.#flights.reduce((sum, { ghostUntilMs, shape }) => sum + (ghostUntilMs ? shape.chunks : 0), 0);
  }

  /** It was left alone and gets work again: with small batches first, twice as large with each full one that is answered. */
  startSlowly(): void {
    this.#known = undefined;
    this.#grown = FIRST_BATCH_LIMIT;
  }

  /** Predicted milliseconds until the answer to a batch of this shape that would leave now. */
  expectMs(shape: BatchShape, nowMs: number): number {
    this.#letGhostsGo(nowMs);
    return this.#freeMs(nowMs) + this.#model.predictMs(shape);
  }

  /** Lets those go that last no longer than `untilMs`; what stood behind them is being worked on now. */
  #letGhostsGo(nowMs: number, untilMs: number = nowMs): void {
    const left = this.#flights.filter(
      ({ ghostUntilMs }) => ghostUntilMs === undefined || ghostUntilMs > untilMs,
    );
    if (left.length === this.#flights.length) return;
    this.#flights = left;
    this.#beginNext((next) => Math.max(next.sentMs, nowMs));
  }

  /** The flight that waits longest is begun, if a worker is free for it. */
  #beginNext(begunMs: (next: Flight) => number): void {
    const begun = this.#flights.filter((flight) => flight.begunMs !== undefined).length;
    const next =
      begun < this.#search.workers ? this.#flights.find((flight) => flight.begunMs === undefined) : undefined;
    if (next) next.begunMs = begunMs(next);
  }

  /** Characters that each chunk of its batches has lately, padding included. */
  get usualCharacters(): number {
    return this.#characters;
  }

  /** Milliseconds that a batch of this shape is predicted to take. */
  predictMs(shape: BatchShape): number {
    return this.#model.predictMs(shape);
  }

  /** Numbers of this instant for the planner. */
  view(id: string, kind: BackendEntry['class'], nowMs: number): BackendView {
    this.#letGhostsGo(nowMs);
    const { curve, line, limit } = this.#sum;
    return {
      id,
      class: kind,
      inFlightBatches: this.#flights.length,
      inFlightChunks: this.#flights.reduce((sum, { shape }) => sum + shape.chunks, 0),
      workers: this.#search.workers,
      knownWorkers: this.#search.known,
      trying: this.#search.trying,
      freeMs: this.#freeMs(nowMs),
      ...line,
      curve,
      batchLimit: limit,
      leadMs: this.#leadMs,
      measured: this.measured,
      trialDue: this.#promising || nowMs - this.#lastSentMs >= this.#trialWaitMs(nowMs),
    };
  }

  get #line(): Known['line'] {
    return this.#sum.line;
  }

  get #limit(): number {
    return this.#sum.limit;
  }

  get #sum(): Known {
    this.#known ??= this.#sumUp();
    return this.#known;
  }

  #sumUp(): Known {
    const { curve } = this.#model;
    const line = lineAt(curve, this.#characters);
    const most = Math.min(
      this.#most,
      this.#accepted,
      this.#grown,
      this.measured ? Number.POSITIVE_INFINITY : this.#classLimit,
    );
    return { curve, line, limit: this.measured ? batchLimit(line, most) : most };
  }

  #learn(
    { shape, sentMs, begunMs = Number.POSITIVE_INFINITY, tried }: Flight,
    nowMs: number,
    saturated: boolean,
  ): void {
    if (shape.chunks >= this.#grown) this.#grown = 2 * shape.chunks;
    if (shape.chunks >= this.#accepted) this.#accepted += 1;
    if (this.measured) {
      const workMs = this.#model.predictMs(shape);
      this.#search.answered({ workMs, underWayMs: nowMs - sentMs, saturated }, nowMs);
    }
    // A waiting one that ended before it was believed to have begun says nothing of how long it took.
    this.#promising = nowMs - begunMs < PROMISING * this.#model.predictMs(shape) && nowMs > begunMs;
    if (!tried && !this.#search.trying && nowMs > begunMs) this.#model.observe(shape, nowMs - begunMs);
  }

  #trialWaitMs(nowMs: number): number {
    const { baseMs, perChunkMs } = this.#line;
    return trialWaitMs(baseMs + perChunkMs * TRIAL_CHUNKS, nowMs - this.#lastUsedMs);
  }

  /** When a batch whose end was seen now is likely to have ended: answers are seen late when the event loop is busy. */
  #likelyEndMs({ shape, begunMs, tried }: Flight, nowMs: number): number {
    return begunMs === undefined || tried
      ? nowMs
      : Math.min(nowMs, Math.max(nowMs - LATE_MOST_MS, begunMs + LATE_BEYOND * this.#model.predictMs(shape)));
  }

  /** Milliseconds until a further batch could begin. What is overdue is believed to take as long again. */
  #freeMs(nowMs: number): number {
    if (this.#flights.length < this.#search.workers) return 0;
    const slots = new Array<number>(this.#search.workers).fill(0);
    for (const { shape, begunMs, ghostUntilMs } of this.#flights) {
      const predictedMs = this.#model.predictMs(shape);
      const slot = slots.indexOf(Math.min(...slots));
      const overdueMs = begunMs === undefined ? predictedMs : Math.abs(begunMs + predictedMs - nowMs);
      const leftMs = ghostUntilMs === undefined ? overdueMs : Math.max(0, ghostUntilMs - nowMs);
      slots[slot] = (slots[slot] ?? 0) + leftMs;
    }
    return Math.min(...slots);
  }
}
