import { chunkMs } from '../cost/chunk-ms.ts';
import type { CostCurve } from '../cost/cost-model.ts';
import type { Job, Priority } from '../job.ts';
import type { Span } from './batch.ts';

/** What a batch may hold. */
export interface BatchBounds {
  readonly maxChunks: number;
  /** UTF-16 units; a single longer chunk still goes, alone. */
  readonly maxCharacters: number;
  /** Longest predicted time of the batch, in milliseconds; a few chunks still go. */
  readonly maxMs: number;
  /** What a batch costs the backend that gets it. */
  readonly curve: CostCurve;
  /** Tenants whose chunks share no batch with those of others; undefined for none. */
  readonly apart?: ReadonlySet<string> | undefined;
  /** What chunks cost their tenants: the backend that gets them is none of their choice. */
  readonly charge: CostCurve;
}

/** So many chunks go whatever they are predicted to take. */
const LEAST_CHUNKS = 4;

/** A chunk is padded by up to this share of its own cost for nothing in return. */
const FREE_PADDING = 0.05;

/** A batch that is being put together for one backend. */
export class BatchFill {
  readonly #bounds: BatchBounds;
  readonly #spans: Span[] = [];
  #chunks = 0;
  #characters = 0;
  #longest = 0;
  readonly #servedMs: Record<Priority, number> = { interactive: 0, default: 0, bulk: 0 };

  constructor(bounds: BatchBounds) {
    this.#bounds = bounds;
  }

  /** What was charged for chunks of each priority. */
  get servedMs(): Readonly<Record<Priority, number>> {
    return this.#servedMs;
  }

  get full(): boolean {
    return this.#chunks >= this.#bounds.maxChunks || this.#characters >= this.#bounds.maxCharacters;
  }

  /** Whether there is room for a chunk of this many characters. */
  fits(characters: number): boolean {
    const { maxChunks, maxCharacters, maxMs, curve } = this.#bounds;
    if (this.#chunks === 0) return true;
    if (this.#chunks >= maxChunks || this.#characters + characters > maxCharacters) return false;
    if (this.#chunks < LEAST_CHUNKS) return true;
    const paddedMs = chunkMs(curve, Math.max(this.#longest, characters));
    return curve.baseMs + paddedMs * (this.#chunks + 1) <= maxMs;
  }

  /**
   * Whether a chunk of another length is better off in this batch than with its like, of which `alike` wait: model servers pad
   * every text to the longest. A shorter one is padded itself, for its part of a further batch's fixed cost; a longer one pads
   * all that are here, and saves them a batch of their own.
   */
  joins(characters: number, alike: number): boolean {
    const { maxChunks, curve } = this.#bounds;
    const more = characters - this.#longest;
    if (more <= 0) {
      const saved = curve.baseMs / Math.max(1, Math.min(alike, maxChunks));
      const free = FREE_PADDING * chunkMs(curve, characters);
      return perCharacterMs(curve) * -more <= saved + free;
    }
    const unused = 1 - this.#chunks / maxChunks;
    return perCharacterMs(curve) * more * this.#chunks <= curve.baseMs * unused;
  }

  /** Adds a chunk; returns what its tenant is charged, in milliseconds. */
  add(job: Job, index: number, characters: number): number {
    const last = this.#spans.at(-1);
    if (last?.job === job && last.end === index) {
      this.#spans[this.#spans.length - 1] = { job, start: last.start, end: index + 1 };
    } else this.#spans.push({ job, start: index, end: index + 1 });
    this.#chunks += 1;
    this.#characters += characters;
    this.#longest = Math.max(this.#longest, characters);
    const chargeMs = chunkMs(this.#bounds.charge, characters);
    this.#servedMs[job.request.priority] += chargeMs;
    return chargeMs;
  }

  /** Runs of chunks, the jobs in the order they came in, each job's in its own order. */
  spans(): readonly Span[] {
    const byJob = Map.groupBy(this.#spans, ({ job }) => job);
    if (byJob.size === this.#spans.length) return this.#spans;
    return [...byJob.values()].flatMap((spans) => joined(spans.sort((a, b) => a.start - b.start)));
  }
}

function perCharacterMs({ perKilocharacterMs }: CostCurve): number {
  return perKilocharacterMs / 1_000;
}

function joined(spans: readonly Span[]): Span[] {
  const runs: Span[] = [];
  for (const span of spans) {
    const last = runs.at(-1);
    if (last?.end === span.start) runs[runs.length - 1] = { ...last, end: span.end };
    else runs.push(span);
  }
  return runs;
}
