import type { BackendView } from '../balancing/backend-view.ts';
import { chunkMs } from '../cost/chunk-ms.ts';
import { CLASS_COSTS, TYPICAL_CHARACTERS, UNKNOWN_CHUNKS_PER_SECOND } from '../cost/class-costs.ts';
import type { CostCurve } from '../cost/cost-model.ts';
import type { Job } from '../job.ts';
import { type PoolSpeed, poolSpeed } from '../planning/pool-speed.ts';
import type { JobQueue } from '../queue/job-queue.ts';

const UNKNOWN_CURVE = CLASS_COSTS.default.curve;

/** Of a pool that has never had a backend. */
const UNKNOWN_SPEED: PoolSpeed = {
  curve: UNKNOWN_CURVE,
  factor: (UNKNOWN_CHUNKS_PER_SECOND / 1_000) * chunkMs(UNKNOWN_CURVE, TYPICAL_CHARACTERS),
  leastMs: 0,
  measured: false,
};

/** Says when a model's queue will be empty and its calls answered; without backends by what they last did. */
export class Forecast {
  readonly #queue: JobQueue;
  #speed: PoolSpeed = UNKNOWN_SPEED;

  constructor(queue: JobQueue) {
    this.#queue = queue;
  }

  /** What chunks cost their tenants: those of the fastest backend, so that it matters to none who embeds them. */
  get charge(): CostCurve {
    return this.#speed.curve;
  }

  /** Takes note of the backends that may get work. */
  follow(views: readonly BackendView[]): void {
    this.#speed = poolSpeed(views, this.#queue.meanCharacters ?? TYPICAL_CHARACTERS) ?? this.#speed;
  }

  /** Predicted time until the queue is empty, in milliseconds. */
  queuedWorkMs(views: readonly BackendView[]): number {
    this.follow(views);
    return this.#queue.workMs(this.#speed.curve) / this.#speed.factor;
  }

  /**
   * Predicted time until a job that came now would be answered, in milliseconds; undefined while nothing is known of the
   * backends, and while nobody waits: then the job takes nobody's place, and shows whether a slow backend is fast again.
   * Work that comes later and goes first is not in it. `maxBatchMs` is the longest that a batch with its chunks may take.
   */
  jobMs(job: Job, maxBatchMs: number, views: readonly BackendView[]): number | undefined {
    this.follow(views);
    const { curve, factor, leastMs, measured } = this.#speed;
    if (!measured || views.length === 0 || this.#queue.chunks === 0) return undefined;
    let workMs = 0;
    for (let index = 0; index < job.total; index += 1) workMs += chunkMs(curve, job.charactersOf(index));
    // However little it is: it leaves with the next batch that does, and that takes others along.
    const chunks = this.#queue.chunks + job.total;
    const soonestMs = Math.min(
      ...views.map(({ freeMs, baseMs, perChunkMs, batchLimit }) => {
        const batchMs = baseMs + perChunkMs * Math.min(batchLimit, chunks);
        return freeMs + Math.min(batchMs, Math.max(maxBatchMs, leastMs));
      }),
    );
    return Math.max(soonestMs, this.#queue.workAheadMs(job.request, workMs, curve) / factor);
  }

  /** The least time that the open chunks of a job still take, in milliseconds: with the whole pool to themselves. */
  leastMs(job: Job): number {
    const { curve, factor, leastMs, measured } = this.#speed;
    return measured ? Math.max(leastMs, (job.remaining * curve.perChunkMs) / factor) : 0;
  }
}
