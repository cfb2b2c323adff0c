import type { Clock } from '../clock.ts';
import { PoolError } from '../errors.ts';
import type { PoolListener } from '../events.ts';
import { Job, type JobRequest } from '../job.ts';
import type { ResolvedOptions } from '../options.ts';
import { JobDeadlines } from '../queue/job-deadlines.ts';
import type { ModelChoice } from './model-names.ts';
import { type ModelRoads, modelError } from './model-roads.ts';
import { type Amount, queueRoom } from './queue-room.ts';
import type { Tenants } from './tenants.ts';

/** One call with everything a gateway knows of it. */
export interface SubmitRequest extends Partial<Omit<JobRequest, 'deadlineMs' | 'idleTimeoutMs'>> {
  /** At least one text. */
  readonly texts: readonly string[];
  /** Needed where the pool serves several models. */
  readonly model?: string | undefined;
  /** Longest wait for the whole call, in milliseconds. @default none */
  readonly timeoutMs?: number | undefined;
  /** Gives the call up: its chunks leave the queue at once. */
  readonly signal?: AbortSignal | undefined;
}

export interface IntakeParts {
  readonly clock: Clock;
  readonly options: Pick<
    ResolvedOptions,
    'maxQueuedChunks' | 'maxQueuedBytes' | 'maxHeldJobs' | 'idleTimeoutMs' | 'lengthOf'
  >;
  readonly roads: ModelRoads;
  readonly tenants: Tenants;
  /** Whether some backend gets work now. */
  readonly isServing: () => boolean;
  /** How the backends stand, for the message of a call that none of them took. */
  readonly plight: () => string;
  readonly emit: PoolListener;
}

/** When a caller may try again while there is no backend, in milliseconds: a model server takes 30 to 60 s to start. */
const HELD_RETRY_AFTER_MS = 5_000;

/** Lets calls in within the pool's bounds, and ends those whose time is up. */
export class Intake {
  readonly #parts: IntakeParts;
  readonly #deadlines: JobDeadlines;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    this.#deadlines = new JobDeadlines(parts.clock, (job) => this.#timeIsUp(job));
  }

  /** Calls that are not settled. */
  get openJobs(): number {
    return this.#deadlines.size;
  }

  /** Watches the time of calls until `signal` is aborted. */
  run(signal: AbortSignal): Promise<void> {
    return this.#deadlines.run(signal);
  }

  /** @throws PoolError for a model that there is not, and where queue or hold have no room. */
  accept(request: SubmitRequest): Job {
    const { texts, model } = request;
    const { clock, roads, emit } = this.#parts;
    const choice = roads.choose(model);
    if (choice.kind === 'unknown' || choice.kind === 'ambiguous') throw modelError(choice, model);
    const nowMs = clock.nowMs();
    const job = new Job(
      texts,
      this.#jobRequest(request, nowMs, (error) => this.end(job, error, 'cancelled')),
      nowMs,
      (settled) => {
        this.#deadlines.delete(settled);
        roads.settled(settled);
      },
      this.#parts.options.lengthOf,
    );
    this.#checkQueue(job, nowMs);
    if (roads.wouldHold(choice)) this.#checkHold();
    else if (request.timeoutMs !== undefined) this.#checkDeadline(choice, job, request.timeoutMs);
    emit({ kind: 'job-accepted', chunks: texts.length });
    this.#deadlines.add(job);
    roads.submit(job, model, choice);
    return job;
  }

  /** Settles what is open of a call with an error. */
  end(job: Job, error: PoolError, outcome: 'error' | 'cancelled'): void {
    const chunks = job.failAll(error, this.#parts.clock.nowMs());
    if (chunks > 0) this.#parts.emit({ kind: 'chunks-settled', outcome, chunks });
  }

  /** Settles every call. */
  endAll(error: PoolError): void {
    for (const job of [...this.#deadlines]) this.end(job, error, 'cancelled');
  }

  #jobRequest(request: SubmitRequest, nowMs: number, giveUp: (error: PoolError) => void): JobRequest {
    const { timeoutMs, onProgress, priority = 'default', tenant = 'default' } = request;
    return {
      priority,
      tenant,
      weight: this.#parts.tenants.weightOf(tenant, request.weight),
      affinity: request.affinity ?? '',
      progress: request.progress,
      onChunkError: request.onChunkError ?? 'abort',
      onProgress:
        onProgress &&
        ((answered, total) => {
          try {
            onProgress(answered, total);
          } catch (error) {
            // Its own call ends with what it threw; the batch that it shared goes on.
            giveUp(new PoolError('POOL_ABORTED', 'onProgress threw', { cause: error }));
          }
        }),
      deadlineMs: timeoutMs === undefined ? Number.POSITIVE_INFINITY : nowMs + timeoutMs,
      // A caller's own time is absolute: it takes the place of the other bound.
      idleTimeoutMs: timeoutMs === undefined ? this.#parts.options.idleTimeoutMs : Number.POSITIVE_INFINITY,
    };
  }

  #checkQueue({ total, bytes, request: { tenant } }: Job, nowMs: number): void {
    const { maxQueuedChunks, maxQueuedBytes } = this.#parts.options;
    if (maxQueuedChunks === Number.POSITIVE_INFINITY && maxQueuedBytes === Number.POSITIVE_INFINITY) return;
    const { roads, tenants, emit } = this.#parts;
    const bounds: Amount = { chunks: maxQueuedChunks, bytes: maxQueuedBytes };
    const added: Amount = { chunks: total, bytes };
    const queued = roads.queued;
    const own = roads.waitingOf(tenant);
    const verdict = queueRoom(bounds, queued, own, added, tenants.seen(tenant, nowMs));
    if (verdict === 'ok') return;
    const limit = `${bounds.chunks} chunks or ${bounds.bytes} bytes`;
    const more = `${added.chunks} more (${added.bytes} bytes)`;
    if (verdict === 'too-large') {
      throw new PoolError(
        'POOL_TOO_LARGE',
        `${added.chunks} chunks (${added.bytes} bytes) never fit into a queue of ${limit}: send less at once`,
      );
    }
    emit({ kind: 'shed', reason: verdict });
    throw new PoolError(
      'POOL_QUEUE_FULL',
      verdict === 'queue-full'
        ? `The queue is full: ${queued.chunks} chunks (${queued.bytes} bytes) wait, ${more} are over ${limit}`
        : `Tenant ${tenant} has ${own.chunks} chunks (${own.bytes} bytes) waiting, ${more} are over its part of what is free of ${limit}`,
      { retryAfterMs: Math.ceil(1_000 * roads.waiting.workSeconds) },
    );
  }

  #checkDeadline(choice: ModelChoice, job: Job, timeoutMs: number): void {
    const predictedMs = this.#parts.roads.predictMs(choice, job);
    if (predictedMs === undefined || predictedMs <= timeoutMs) return;
    this.#parts.emit({ kind: 'shed', reason: 'deadline' });
    throw new PoolError(
      'POOL_DEADLINE',
      `${job.total} chunk(s) would be answered in about ${Math.ceil(predictedMs)} ms, and the call has ${timeoutMs} ms`,
      { retryAfterMs: Math.ceil(predictedMs) },
    );
  }

  #checkHold(): void {
    const { heldJobs } = this.#parts.roads;
    const { maxHeldJobs } = this.#parts.options;
    if (heldJobs < maxHeldJobs) return;
    this.#parts.emit({ kind: 'shed', reason: 'hold-full' });
    throw new PoolError(
      'POOL_HOLD_FULL',
      `There is no backend, and ${heldJobs} calls wait for one already (at most ${maxHeldJobs})`,
      { retryAfterMs: HELD_RETRY_AFTER_MS },
    );
  }

  #timeIsUp(job: Job): void {
    this.end(job, this.#timeUpError(job), 'error');
  }

  #timeUpError(job: Job): PoolError {
    const { clock, roads, isServing, plight, emit } = this.#parts;
    const waitedMs = Math.round(clock.nowMs() - job.acceptedAtMs);
    if (job.started && !isServing()) {
      const missing = `${job.remaining} of ${job.total} chunks unanswered`;
      return new PoolError(
        'POOL_BACKEND_FAILED',
        `No backend was left to try after ${waitedMs} ms with ${missing}: ${plight()}`,
      );
    }
    if (job.started) {
      return new PoolError(
        'POOL_TIMEOUT',
        `Time was up after ${waitedMs} ms with ${job.remaining} of ${job.total} chunks unanswered`,
      );
    }
    if (!isServing()) {
      return new PoolError('POOL_NO_BACKEND', `No backend took a chunk within ${waitedMs} ms: ${plight()}`, {
        retryAfterMs: HELD_RETRY_AFTER_MS,
      });
    }
    const { workSeconds } = roads.waiting;
    emit({ kind: 'shed', reason: 'deadline' });
    return new PoolError(
      'POOL_DEADLINE',
      `Time was up after ${waitedMs} ms in the queue, which holds ${roads.queued.chunks} chunks, about ${workSeconds.toFixed(1)} s of work`,
      { retryAfterMs: Math.ceil(1_000 * workSeconds) },
    );
  }
}
