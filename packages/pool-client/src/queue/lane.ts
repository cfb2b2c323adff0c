import type { Job } from '../job.ts';
import type { BatchFill } from './batch-fill.ts';
import { type Accepts, Flow } from './flow.ts';
import type { Portion } from './portion.ts';

/** Tenants that are looked at for one batch, those that are owed most first; bounds the work per batch. */
const MAX_FLOWS_LOOKED_AT = 1_024;

/** Tenants without work that are remembered before those that are owed nothing are forgotten. */
const MAX_IDLE_FLOWS = 256;

/**
 * The waiting chunks of one priority, shared out among tenants by start-time fair queueing (Goyal et al., 1996): each tenant's
 * virtual time advances by the work it is served over its weight, the one that is behind is next, and one that comes back
 * starts where the others are.
 */
export class Lane {
  readonly #flows = new Map<string, Flow>();
  /** Those with work waiting, the one that is owed most first. */
  #active: Flow[] = [];
  readonly #chunksByBucket: number[] = [];
  #chunks = 0;
  #characters = 0;
  #virtualMs = 0;

  get chunks(): number {
    return this.#chunks;
  }

  /** UTF-16 units of what waits. */
  get characters(): number {
    return this.#characters;
  }

  /** Tenants with work waiting, the one that is owed most first. */
  get flows(): readonly Flow[] {
    return this.#active;
  }

  /** Chunks that wait in a bucket of lengths. */
  chunksIn(bucket: number): number {
    return this.#chunksByBucket[bucket] ?? 0;
  }

  push(tenant: string, weight: number, portions: readonly Portion[]): Flow {
    const flow = this.#join(tenant, weight);
    if (flow.chunks === 0) {
      flow.virtualMs = Math.max(flow.virtualMs, this.#virtualMs);
      this.#active.push(flow);
      this.#sort();
    }
    for (const portion of portions) {
      flow.push(portion);
      this.#count(portion.bucket, portion.chunks, portion.characters);
    }
    return flow;
  }

  /** The chunk that is next by fairness and age: the batch is built around it. */
  anchor(accepts: Accepts): Portion | undefined {
    for (const flow of this.#inTurn) {
      const portion = flow.oldest(accepts);
      if (!portion) continue;
      this.#virtualMs = Math.max(this.#virtualMs, flow.virtualMs);
      return portion;
    }
    return undefined;
  }

  /** Adds chunks of one bucket to a batch, tenant by tenant as they are owed, while `joins` lets them. */
  fill(batch: BatchFill, bucket: number, joins: (characters: number) => boolean, accepts: Accepts): void {
    if (this.chunksIn(bucket) === 0) return;
    const turn = this.#inTurn.filter((flow) => flow.first(bucket, accepts) !== undefined);
    for (let flow = turn.shift(); flow; flow = turn.shift()) {
      const untilMs = turn[0]?.virtualMs ?? Number.POSITIVE_INFINITY;
      let portion = flow.first(bucket, accepts);
      while (portion && flow.virtualMs <= untilMs) {
        const characters = portion.job.charactersOf(portion.next);
        if (!batch.fits(characters) || !joins(characters)) return;
        const chargeMs = batch.add(portion.job, portion.next, characters);
        flow.take(portion, characters, chargeMs);
        this.#count(bucket, -1, -characters);
        portion = flow.first(bucket, accepts);
      }
      if (portion) insert(turn, flow);
    }
  }

  /** Puts tenants back in order after a batch was taken. */
  settle(): void {
    this.#active = this.#active.filter(({ chunks }) => chunks > 0);
    this.#sort();
    if (this.#flows.size > this.#active.length + MAX_IDLE_FLOWS) this.#forgetIdle();
  }

  /** Lets go of the waiting chunks of a settled job. */
  drop(flow: Flow, portions: readonly Portion[]): void {
    for (const portion of portions) {
      this.#count(portion.bucket, -portion.chunks, -portion.characters);
      flow.drop(portion);
    }
    if (flow.chunks === 0) this.#active = this.#active.filter((other) => other !== flow);
  }

  /** Charges a tenant for work that does not come from this lane: what is sent once more. */
  charge(tenant: string, weight: number, chargeMs: number): void {
    const flow = this.#join(tenant, weight);
    flow.virtualMs = Math.max(flow.virtualMs, this.#virtualMs) + chargeMs / flow.weight;
    this.#sort();
  }

  /** The job that waits longest. */
  get oldestJob(): Job | undefined {
    let oldest: Portion | undefined;
    for (const flow of this.#active) {
      const portion = flow.oldest(undefined);
      if (portion && (!oldest || portion.sequence < oldest.sequence)) oldest = portion;
    }
    return oldest?.job;
  }

  /** Those that one batch is made of. */
  get #inTurn(): readonly Flow[] {
    return this.#active.length <= MAX_FLOWS_LOOKED_AT
      ? this.#active
      : this.#active.slice(0, MAX_FLOWS_LOOKED_AT);
  }

  #join(tenant: string, weight: number): Flow {
    const known = this.#flows.get(tenant);
    if (known) {
      known.weight = weight;
      return known;
    }
    const flow = new Flow(tenant, weight);
    this.#flows.set(tenant, flow);
    return flow;
  }

  #forgetIdle(): void {
    for (const [tenant, flow] of this.#flows) {
      if (flow.chunks === 0 && flow.virtualMs <= this.#virtualMs) this.#flows.delete(tenant);
    }
  }

  #count(bucket: number, chunks: number, characters: number): void {
    this.#chunks += chunks;
    this.#characters += characters;
    this.#chunksByBucket[bucket] = this.chunksIn(bucket) + chunks;
  }

  #sort(): void {
    if (this.#active.length > 1) this.#active.sort((a, b) => a.virtualMs - b.virtualMs);
  }
}

/** Puts a tenant back among those whose turn it is. */
function insert(turn: Flow[], flow: Flow): void {
  const place = turn.findIndex(({ virtualMs }) => virtualMs > flow.virtualMs);
  turn.splice(place < 0 ? turn.length : place, 0, flow);
}
