import { chunkMs } from '../cost/chunk-ms.ts';
import type { CostCurve } from '../cost/cost-model.ts';
import { type Job, PRIORITIES, type Priority } from '../job.ts';
import { type Batch, batchOf, cutBatch, NO_HISTORY, openPart, type Span, workOfMs } from './batch.ts';
import { type BatchBounds, BatchFill } from './batch-fill.ts';
import type { Accepts, Flow } from './flow.ts';
import { Lane } from './lane.ts';
import { LENGTH_BUCKETS, lengthBucket } from './length-bucket.ts';
import { type Portion, portionsOf } from './portion.ts';
import { MINIMUM_SHARES, NO_CREDIT, nextCredits, priorityOrder, type WorkMs } from './priority-shares.ts';
import { type Bisection, oldestOf, SecondTries } from './second-tries.ts';
import { workAheadMs } from './work-ahead.ts';

/** Where the waiting chunks of a job are. */
interface Place {
  readonly lane: Lane;
  readonly flow: Flow;
  readonly portions: readonly Portion[];
}

/**
 * The one queue of a model: chunks wait here, not in backends.
 *
 * A batch is built around the chunk that is next by priority, by its tenant's share and by age. Chunks of like length go along,
 * those first that are next themselves: a chunk waits for its turn, and at most one batch longer for each bucket of lengths.
 * Batches that failed before leave first, as they are.
 */
export class JobQueue {
  readonly #lanes: Readonly<Record<Priority, Lane>> = {
    interactive: new Lane(),
    default: new Lane(),
    bulk: new Lane(),
  };
  readonly #depth: Record<Priority, number> = { interactive: 0, default: 0, bulk: 0 };
  readonly #places = new Map<Job, Place>();
  readonly #byTenant = new Map<string, { chunks: number; bytes: number }>();
  readonly #again = new SecondTries((span) => this.#countSpan(span, -1));
  #creditMs: WorkMs = NO_CREDIT;
  readonly #bucketOf: (characters: number) => number;
  #bytes = 0;
  #jobs = 0;

  /** @param groupByLength Whether chunks of like length go together; otherwise they go in the order they came. */
  constructor(groupByLength = true) {
    this.#bucketOf = groupByLength ? lengthBucket : () => 0;
  }

  /** Chunks waiting, those of failed batches included. */
  get chunks(): number {
    return this.#depth.interactive + this.#depth.default + this.#depth.bulk;
  }

  get bytes(): number {
    return this.#bytes;
  }

  depth(priority: Priority): number {
    return this.#depth[priority];
  }

  /** When the longest waiting job was accepted; undefined while nothing waits. */
  get oldestAcceptedMs(): number | undefined {
    const jobs = [
      ...PRIORITIES.map((priority) => this.#lanes[priority].oldestJob),
      oldestOf(this.#again.spans()),
    ];
    const moments = jobs.flatMap((job) => (job ? [job.acceptedAtMs] : []));
    return moments.length > 0 ? Math.min(...moments) : undefined;
  }

  /** Mean length of the waiting chunks, in UTF-16 units; undefined while nothing waits that was not sent before. */
  get meanCharacters(): number | undefined {
    let chunks = 0;
    let characters = 0;
    for (const priority of PRIORITIES) {
      chunks += this.#lanes[priority].chunks;
      characters += this.#lanes[priority].characters;
    }
    return chunks > 0 ? characters / chunks : undefined;
  }

  /** What one tenant has waiting. */
  waitingOf(tenant: string): { readonly chunks: number; readonly bytes: number } {
    return this.#byTenant.get(tenant) ?? { chunks: 0, bytes: 0 };
  }

  /** What waits, in milliseconds of a backend with this curve; the fixed cost of batches is not in it. */
  workMs(curve: CostCurve): number {
    let workMs = 0;
    for (const priority of PRIORITIES) {
      workMs += workOf(this.#lanes[priority], curve);
    }
    // A settled job has let its texts go; its spans leave when somebody comes upon them.
    for (const span of this.#again.spans()) if (!span.job.done) workMs += workOfMs({ spans: [span] }, curve);
    return workMs;
  }

  /** What would be done before a job of `workMs` more and with it, in milliseconds of a backend with this curve. */
  workAheadMs(
    job: { readonly priority: Priority; readonly tenant: string; readonly weight: number },
    workMs: number,
    curve: CostCurve,
  ): number {
    const rank = PRIORITIES.indexOf(job.priority);
    const laneMs = (priority: Priority) => workOf(this.#lanes[priority], curve);
    const lower = PRIORITIES.slice(rank + 1);
    const flows = this.#lanes[job.priority].flows;
    const own = flows.find(({ tenant }) => tenant === job.tenant);
    const others = flows.filter((flow) => flow !== own);
    return workAheadMs(
      { workMs: workMs + (own ? workOf(own, curve) : 0), weight: job.weight },
      others.map((flow) => ({ workMs: workOf(flow, curve), weight: flow.weight })),
      PRIORITIES.slice(0, rank).reduce((sum, priority) => sum + laneMs(priority), 0),
      {
        workMs: lower.reduce((sum, priority) => sum + laneMs(priority), 0),
        share: lower.reduce((sum, priority) => sum + MINIMUM_SHARES[priority], 0),
      },
    );
  }

  /** The next moment after `nowMs` at which a batch that has to wait may be sent again; undefined when none waits. */
  nextRetryMs(nowMs: number): number | undefined {
    return this.#again.nextMs(nowMs);
  }

  /** Appends all chunks of a job. */
  push(job: Job): void {
    const { priority, tenant, weight } = job.request;
    const lane = this.#lanes[priority];
    this.#jobs += 1;
    const portions = portionsOf(job, this.#jobs, this.#bucketOf);
    this.#places.set(job, { lane, flow: lane.push(tenant, weight, portions), portions });
    this.#count(job, job.total, job.bytes);
  }

  /** Puts chunks back that were taken before; they stay together and leave before others. */
  putBack(batch: Batch): void {
    const open = this.#counted(batch);
    if (open) this.#again.put(open);
  }

  /** The same, as two batches that go their own ways. */
  putBackInHalves(batch: Batch): void {
    const open = openPart(batch);
    for (const half of cutBatch(open, Math.ceil(open.chunks / 2))) this.putBack(half);
  }

  /**
   * Puts a refused batch of two chunks or more back to find the bad one: its first half is tried, and the other half is kept until
   * `searchOn` or `endSearch` with the bisection that stands in the first half's history.
   */
  bisect(batch: Batch): void {
    const open = this.#counted(batch);
    if (!open) return;
    const bisection = Symbol('bisection');
    const [head, tail] = cutBatch(open, Math.ceil(open.chunks / 2));
    if (tail.chunks > 0) this.#again.park(bisection, tail);
    this.#again.put({ ...head, history: { ...head.history, bisection } });
  }

  /** The half that was tried is right: takes the other one, which must hold the bad chunk. */
  searchOn(bisection: Bisection): Batch | undefined {
    const parked = this.#again.takeParked(bisection);
    for (const span of parked?.spans ?? []) this.#countSpan(span, -1);
    return parked;
  }

  /** The half that was tried is to blame, or nothing is known of it: the other one goes on like any chunks. */
  endSearch(bisection: Bisection): void {
    const parked = this.#again.takeParked(bisection);
    if (parked) this.#again.clear(parked);
  }

  /** Charges a job's tenant for work that was done because of it. */
  charge({ request: { priority, tenant, weight } }: Job, chargeMs: number): void {
    this.#lanes[priority].charge(tenant, weight, chargeMs);
  }

  /** Takes the queued chunks of a job that was settled out of all counts; to be called once, when it settles. */
  forget(job: Job): void {
    const place = this.#places.get(job);
    if (place) {
      place.lane.drop(place.flow, place.portions);
      this.#places.delete(job);
    }
    this.#count(job, -job.queuedChunks, -job.queuedBytes);
  }

  /**
   * Takes the next batch for one backend: a failed batch that may go there, else fresh chunks for which `accepts` holds.
   * Undefined when nothing here is for it.
   */
  take(bounds: BatchBounds, mayRetry: (batch: Batch) => boolean, accepts?: Accepts): Batch | undefined {
    const batch = this.#takeAgain(bounds, mayRetry) ?? this.#takeFresh(bounds, accepts);
    if (batch) for (const span of batch.spans) this.#countSpan(span, -1);
    return batch;
  }

  #takeAgain(bounds: BatchBounds, mayRetry: (batch: Batch) => boolean): Batch | undefined {
    const batch = this.#again.take(bounds.maxChunks, mayRetry);
    // Whose chunk made others be sent again pays for it when it is found.
    if (batch && batch.history.searchMs === undefined) {
      for (const span of batch.spans) this.charge(span.job, workOfMs({ spans: [span] }, bounds.charge));
    }
    return batch;
  }

  #takeFresh(bounds: BatchBounds, accepts: Accepts): Batch | undefined {
    const order = priorityOrder(this.#creditMs);
    let anchor: Portion | undefined;
    for (const priority of order) anchor ??= this.#lanes[priority].anchor(accepts);
    const first = this.#again.clearedJob ?? anchor?.job;
    if (!first) return undefined;
    const kin = kinOf(first, bounds.apart, accepts);
    const batch = new BatchFill(bounds);
    const cleared = this.#again.fill(batch, kinOf(first, bounds.apart, undefined));
    const bucket = cleared === undefined ? anchor?.bucket : this.#bucketOf(cleared);
    if (bucket === undefined) return undefined;
    const waited = PRIORITIES.filter((priority) => this.#lanes[priority].chunks > 0);
    this.#fill(batch, bucket, order, kin);
    this.#creditMs = nextCredits(this.#creditMs, batch.servedMs, (priority) => waited.includes(priority));
    for (const priority of waited) this.#lanes[priority].settle();
    return batchOf(batch.spans(), NO_HISTORY);
  }

  /** First the anchor's own kind, then shorter ones, the nearest first, then longer ones: as far as they are better off here. */
  #fill(batch: BatchFill, own: number, order: readonly Priority[], accepts: Accepts): void {
    const fill = (bucket: number, joins: (characters: number) => boolean) => {
      for (const priority of order) {
        if (batch.full) return;
        this.#lanes[priority].fill(batch, bucket, joins, accepts);
      }
    };
    const fillOther = (bucket: number) => {
      const alike = PRIORITIES.reduce((sum, priority) => sum + this.#lanes[priority].chunksIn(bucket), 0);
      if (alike > 0) fill(bucket, (characters) => batch.joins(characters, alike));
    };
    fill(own, () => true);
    for (let bucket = own - 1; bucket >= 0 && !batch.full; bucket -= 1) fillOther(bucket);
    for (let bucket = own + 1; bucket < LENGTH_BUCKETS && !batch.full; bucket += 1) fillOther(bucket);
  }

  /** The open part of chunks that come back, counted. */
  #counted(batch: Batch): Batch | undefined {
    const open = openPart(batch);
    for (const span of open.spans) this.#countSpan(span, 1);
    return open.chunks > 0 ? open : undefined;
  }

  #countSpan(span: Span, sign: 1 | -1): void {
    this.#count(span.job, sign * (span.end - span.start), sign * bytesOf(span));
  }

  #count(job: Job, chunks: number, bytes: number): void {
    this.#depth[job.request.priority] += chunks;
    this.#bytes += bytes;
    const { tenant } = job.request;
    const own = this.#byTenant.get(tenant) ?? { chunks: 0, bytes: 0 };
    own.chunks += chunks;
    own.bytes += bytes;
    if (own.chunks === 0) this.#byTenant.delete(tenant);
    else this.#byTenant.set(tenant, own);
    job.queuedChunks += chunks;
    job.queuedBytes += bytes;
    if (job.queuedChunks === 0) this.#places.delete(job);
  }
}

function bytesOf({ job, start, end }: Span): number {
  let bytes = 0;
  for (let index = start; index < end; index += 1) bytes += job.bytesOf(index);
  return bytes;
}

/** Who may share a batch with a job: one whose tenant is kept apart only jobs of that tenant, others all that are not. */
function kinOf(first: Job, apart: ReadonlySet<string> | undefined, accepts: Accepts): Accepts {
  if (!apart) return accepts;
  const { tenant } = first.request;
  const isKin = apart.has(tenant)
    ? (job: Job) => job.request.tenant === tenant
    : (job: Job) => !apart.has(job.request.tenant);
  return (job) => isKin(job) && accepts?.(job) !== false;
}

function workOf(waiting: { readonly chunks: number; readonly characters: number }, curve: CostCurve): number {
  return waiting.chunks * chunkMs(curve, 0) + (waiting.characters / 1_000) * curve.perKilocharacterMs;
}
