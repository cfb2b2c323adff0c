import type { BackendEntry } from '../backend-entry.ts';
import type { BackendView } from '../balancing/backend-view.ts';
import { batchLimit, lineAt } from '../cost/batch-limit.ts';
import { CLASS_COSTS, FIRST_BATCH_LIMIT, TYPICAL_CHARACTERS } from '../cost/class-costs.ts';
import { type BatchShape, CostModel } from '../cost/cost-model.ts';
import { WorkerSearch } from './worker-search.ts';

/** A batch under way. */
export interface Flight {
  readonly shape: BatchShape;
  readonly sentMs: number;
  /** When a worker is believed to have begun it; undefined while it waits behind others. */
  begunMs: number | undefined;
  /** Whether it left while one batch more than usual was tried: its time may hold a wait and teaches nothing. */
  readonly tried: boolean;
}

/** Batches after which the class's guess gives way to what was measured. */
const MEASURED_SAMPLES = 2;

/** How early the ready batch leaves, in milliseconds: it grows while the backend runs dry, and shrinks while it does not. */
const LEAD = { first: 3, least: 1, most: 25, dry: 1, hit: 0.95 };

/** First and longest wait until a backend that the plan leaves out is tried again, in milliseconds; doubles each time. */
const TRIAL_DELAYS_MS = { first: 1_000, longest: 16_000 };

/** A batch that seems to have taken this much longer than predicted was rather seen late. */
const LATE_BEYOND = 1.2;

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
  #leadMs = LEAD.first;
  #characters = TYPICAL_CHARACTERS;
  #lastSentMs = Number.NEGATIVE_INFINITY;
  #trialDelayMs = TRIAL_DELAYS_MS.first;
  #most: number;
  #classLimit: number;

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
    return (1_000 * chunks * this.#search.workers) / Math.max(0.05, baseMs + perChunkMs * chunks);
  }

  setMaxBatch(maxBatch: number): void {
    this.#most = maxBatch;
  }

  /** A batch leaves. */
  sent(shape: BatchShape, nowMs: number): Flight {
    const begun = this.#flights.filter(({ begunMs }) => begunMs !== undefined).length;
    const flight: Flight = {
      shape,
      sentMs: nowMs,
      begunMs: begun < this.#search.workers ? nowMs : undefined,
      tried: this.#search.trying,
    };
    this.#flights = [...this.#flights, flight];
    if (nowMs - this.#lastSentMs < TRIAL_DELAYS_MS.first) this.#trialDelayMs = TRIAL_DELAYS_MS.first;
    else this.#trialDelayMs = Math.min(TRIAL_DELAYS_MS.longest, 2 * this.#trialDelayMs);
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
    const saturated = workWaits && this.#flights.length >= this.#search.workers - 1;
    if (answered) this.#learn(flight, nowMs, saturated);
    if (this.measured && workWaits) this.#moveLead();
    const begun = this.#flights.filter(({ begunMs }) => begunMs !== undefined).length;
    const next =
      begun < this.#search.workers ? this.#flights.find(({ begunMs }) => begunMs === undefined) : undefined;
    if (next) next.begunMs = Math.max(next.sentMs, this.#likelyEndMs(flight, nowMs));
  }

  /** Numbers of this instant for the planner. */
  view(id: string, kind: BackendEntry['class'], nowMs: number): BackendView {
    const line = this.#line;
    return {
      id,
      class: kind,
      inFlightBatches: this.#flights.length,
      inFlightChunks: this.#flights.reduce((sum, { shape }) => sum + shape.chunks, 0),
      workers: this.#search.workers,
      freeMs: this.#freeMs(nowMs),
      ...line,
      batchLimit: this.#limit,
      leadMs: this.#leadMs,
      measured: this.measured,
      trialDue: nowMs - this.#lastSentMs >= this.#trialDelayMs,
    };
  }

  get #line(): { readonly baseMs: number; readonly perChunkMs: number } {
    return lineAt(this.#model.curve, this.#characters);
  }

  get #limit(): number {
    const most = Math.min(
      this.#most,
      this.#grown,
      this.measured ? Number.POSITIVE_INFINITY : this.#classLimit,
    );
    return this.measured ? batchLimit(this.#line, most) : most;
  }

  #learn(
    { shape, begunMs = Number.POSITIVE_INFINITY, tried }: Flight,
    nowMs: number,
    saturated: boolean,
  ): void {
    if (shape.chunks >= this.#grown) this.#grown = 2 * shape.chunks;
    if (this.measured) this.#search.answered(this.#model.predictMs(shape), nowMs, saturated);
    // A waiting one that ended before it was believed to have begun says nothing of how long it took.
    if (!tried && !this.#search.trying && nowMs > begunMs) this.#model.observe(shape, nowMs - begunMs);
  }

  /** When a batch whose end was seen now is likely to have ended: answers are seen late when the event loop is busy. */
  #likelyEndMs({ shape, begunMs, tried }: Flight, nowMs: number): number {
    return begunMs === undefined || tried
      ? nowMs
      : Math.min(nowMs, begunMs + LATE_BEYOND * this.#model.predictMs(shape));
  }

  /** A backend that ran dry while work waited gets its next batch earlier, one that did not a little later. */
  #moveLead(): void {
    const { baseMs, perChunkMs } = this.#line;
    const most = Math.min(LEAD.most, (baseMs + perChunkMs * this.#limit) / 2);
    const lead =
      this.#flights.length < this.#search.workers ? this.#leadMs + LEAD.dry : this.#leadMs * LEAD.hit;
    this.#leadMs = Math.max(LEAD.least, Math.min(most, lead));
  }

  /** Milliseconds until a further batch could begin. What is overdue is believed to take as long again. */
  #freeMs(nowMs: number): number {
    if (this.#flights.length < this.#search.workers) return 0;
    const slots = new Array<number>(this.#search.workers).fill(0);
    for (const { shape, begunMs } of this.#flights) {
      const predictedMs = this.#model.predictMs(shape);
      const slot = slots.indexOf(Math.min(...slots));
      const leftMs = begunMs === undefined ? predictedMs : Math.abs(begunMs + predictedMs - nowMs);
      slots[slot] = (slots[slot] ?? 0) + leftMs;
    }
    return Math.min(...slots);
  }
}
