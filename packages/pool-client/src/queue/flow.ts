import type { Job } from '../job.ts';
import { Fifo } from './fifo.ts';
import type { Portion } from './portion.ts';

/** Jobs that are passed over for one batch where a strategy binds callers to backends; bounds the work per batch. */
const MAX_PASSED_OVER = 1_024;

/** Which jobs the backend that is served now may have; all when undefined. */
export type Accepts = ((job: Job) => boolean) | undefined;

/** What one tenant has waiting at one priority: first come, first served among chunks of like length. */
export class Flow {
  readonly tenant: string;
  /** Its share against other tenants that have work waiting. */
  weight: number;
  /** Predicted work it was served, over its weight, in milliseconds: who has least is served next. */
  virtualMs = 0;
  #chunks = 0;
  #characters = 0;
  readonly #buckets = new Map<number, Fifo<Portion>>();

  constructor(tenant: string, weight: number) {
    this.tenant = tenant;
    this.weight = weight;
  }

  get chunks(): number {
    return this.#chunks;
  }

  get characters(): number {
    return this.#characters;
  }

  push(portion: Portion): void {
    let waiting = this.#buckets.get(portion.bucket);
    if (!waiting) {
      waiting = new Fifo();
      this.#buckets.set(portion.bucket, waiting);
    }
    waiting.push(portion);
    this.#chunks += portion.chunks;
    this.#characters += portion.characters;
  }

  /** The oldest portion of this bucket that is accepted. */
  first(bucket: number, accepts: Accepts): Portion | undefined {
    const waiting = this.#buckets.get(bucket);
    if (!waiting) return undefined;
    for (let head = waiting.at(0); head && head.chunks === 0; head = waiting.at(0)) waiting.removeAt(0);
    if (!accepts) return waiting.at(0);
    for (let place = 0; place < Math.min(waiting.size, MAX_PASSED_OVER); place += 1) {
      const portion = waiting.at(place);
      if (portion && portion.chunks > 0 && accepts(portion.job)) return portion;
    }
    return undefined;
  }

  /** The oldest portion of all that is accepted. */
  oldest(accepts: Accepts): Portion | undefined {
    let oldest: Portion | undefined;
    for (const bucket of this.#buckets.keys()) {
      const portion = this.first(bucket, accepts);
      if (portion && (!oldest || portion.sequence < oldest.sequence)) oldest = portion;
    }
    return oldest;
  }

  /** Takes the next chunk of a portion, of this many characters; `chargeMs` is what it is predicted to take. */
  take(portion: Portion, characters: number, chargeMs: number): void {
    portion.take(characters);
    this.#chunks -= 1;
    this.#characters -= characters;
    this.virtualMs += chargeMs / this.weight;
    this.#tidy();
  }

  /** Lets go of a portion: its job was settled. */
  drop(portion: Portion): void {
    this.#chunks -= portion.chunks;
    this.#characters -= portion.characters;
    portion.drop();
    this.#tidy();
  }

  /** What was dropped in the middle goes at the latest when nothing waits. */
  #tidy(): void {
    if (this.#chunks === 0) this.#buckets.clear();
  }
}
