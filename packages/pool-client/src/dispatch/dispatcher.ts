import type { Backend } from '../backend/backend.ts';
import { eligible } from '../backend/backend-state.ts';
import type { SendResult } from '../backend/exchange.ts';
import type { BackendView } from '../balancing/backend-view.ts';
import type { BalancingStrategy } from '../balancing/balancing-strategy.ts';
import type { Clock } from '../clock.ts';
import { PoolError } from '../errors.ts';
import type { PoolListener } from '../events.ts';
import type { Job, Priority } from '../job.ts';
import { hasteOf } from '../planning/haste.ts';
import { plan } from '../planning/plan.ts';
import {
  type Batch,
  chunksByJob,
  cutBatch,
  longestOf,
  openPart,
  type Span,
  textsOf,
} from '../queue/batch.ts';
import { JobQueue } from '../queue/job-queue.ts';
import type { Random } from '../random.ts';
import { Forecast } from './forecast.ts';
import { nextStep, type RetryOptions } from './next-step.ts';
import { acceptsOf, boundsOf, maxBatchMs, mayRetry, type Occasion } from './what-fits.ts';

export interface DispatcherParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly strategy: BalancingStrategy;
  readonly retry: RetryOptions;
  /** Longest wait of a caller's chunks for the backend it is bound to, in milliseconds. */
  readonly affinityWaitMs: number;
  readonly groupByLength: boolean;
  readonly emit: PoolListener;
}

/** How long a backend that embedded a harmless text is taken to be well, in milliseconds. */
const CONTROL_VALID_MS = 1_000;

/**
 * The road of one model's chunks from its queue to its backends and back.
 * Everything happens on two occasions: chunks come, or a batch ends.
 */
export class Dispatcher {
  readonly queue: JobQueue;
  readonly #parts: DispatcherParts;
  #backends: readonly Backend[] = [];
  readonly #forecast: Forecast;
  #scheduled = false;
  readonly #lastCallMs: Record<Priority, number> = {
    interactive: Number.NEGATIVE_INFINITY,
    default: Number.NEGATIVE_INFINITY,
    bulk: Number.NEGATIVE_INFINITY,
  };
  /** When the next timed wake-up is due; one is enough. */
  #wakeMs = Number.POSITIVE_INFINITY;
  readonly #controls = new Map<string, { readonly askedMs: number; readonly passed: Promise<boolean> }>();
  readonly #closed = new AbortController();

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.queue = new JobQueue(parts.groupByLength);
    this.#forecast = new Forecast(this.queue);
  }

  get backends(): readonly Backend[] {
    return this.#backends;
  }

  /** Predicted time until the queue is empty, in milliseconds; without a backend at the last known speed. */
  get queuedWorkMs(): number {
    return this.#forecast.queuedWorkMs(this.#views());
  }

  /** Predicted time until a job that came now would be answered, in milliseconds; undefined while that is unknown. */
  predictMs(job: Job): number | undefined {
    const { priority } = job.request;
    const chunks = (one: Priority) => this.queue.depth(one) + (one === priority ? job.total : 0);
    const haste = hasteOf(this.#lastCallMs, chunks, this.#parts.clock.nowMs());
    return this.#forecast.jobMs(job, maxBatchMs(haste), this.#views());
  }

  setBackends(backends: readonly Backend[]): void {
    this.#forecast.follow(this.#views());
    this.#backends = backends;
    this.schedule();
  }

  submit(job: Job): void {
    this.#lastCallMs[job.request.priority] = job.acceptedAtMs;
    this.queue.push(job);
    this.schedule();
  }

  /** Plans once the events of this turn are in: a burst of callers shares its batches. */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#sendWhatFits();
    });
  }

  close(): void {
    this.#closed.abort();
  }

  #views(): readonly BackendView[] {
    return eligible(this.#backends).map((backend) => backend.view());
  }

  #sendWhatFits(): void {
    if (this.#closed.signal.aborted) return;
    const { clock, strategy, affinityWaitMs } = this.#parts;
    // One reading for all below: a batch is either due now, or has a timer.
    const nowMs = clock.nowMs();
    const all = eligible(this.#backends);
    let candidates: readonly Backend[] = all;
    // Planned again only where a backend could not be given what it was to have.
    for (let isDone = false; !isDone && this.queue.chunks > 0 && candidates.length > 0; ) {
      isDone = true;
      const views = candidates.map((backend) => backend.view());
      // What a backend is given depends on all that could have it, also those that had nothing to take.
      const backends = candidates === all ? views : all.map((backend) => backend.view());
      this.#forecast.follow(backends);
      const haste = hasteOf(this.#lastCallMs, (priority) => this.queue.depth(priority), nowMs);
      const { assignments, trials, againInMs } = plan(this.queue.chunks, views, strategy, !haste.expected);
      if (againInMs !== undefined) this.#wakeAt(nowMs + againInMs);
      for (const id of trials) {
        const backend = candidates.find((candidate) => candidate.id === id);
        void backend?.trial().then(() => this.schedule());
      }
      for (const { backendId, maxChunks } of assignments) {
        const at = views.findIndex(({ id }) => id === backendId);
        const [backend, view] = [candidates[at], views[at]];
        if (!backend || !view) continue;
        const occasion = { nowMs, backend: view, backends, haste, strategy, affinityWaitMs };
        const batch = this.#take(occasion, maxChunks);
        isDone &&= batch?.chunks === maxChunks;
        if (batch) void this.#send(backend, batch);
        else candidates = candidates.filter((other) => other !== backend);
      }
    }
    const nextRetryMs = this.queue.nextRetryMs(nowMs);
    if (nextRetryMs !== undefined) this.#wakeAt(nextRetryMs);
    if (this.queue.chunks > 0 && strategy.owner && all.length > 1) this.#wakeAt(nowMs + affinityWaitMs);
  }

  #take(occasion: Occasion, maxChunks: number): Batch | undefined {
    const bounds = boundsOf(occasion, maxChunks, this.#forecast.charge);
    const accepts = acceptsOf(occasion);
    for (;;) {
      const batch = this.queue.take(bounds, (failed) => mayRetry(occasion, failed), accepts);
      if (!batch || !this.#endHopeless(batch, occasion.nowMs)) return batch;
      const open = openPart(batch);
      if (open.chunks > 0) return open;
    }
  }

  /**
   * Ends jobs that can't be answered in time while others wait, so that no backend works for nothing; whether there was one.
   */
  #endHopeless({ spans }: Batch, nowMs: number): boolean {
    if (this.queue.chunks === 0) return false;
    let ended = false;
    for (const { job } of spans) {
      const leftMs = job.request.deadlineMs - nowMs;
      if (leftMs === Number.POSITIVE_INFINITY || job.done) continue;
      const neededMs = this.#forecast.leastMs(job);
      if (leftMs >= neededMs) continue;
      ended = true;
      const missing = `${job.remaining} of ${job.total} chunks need ${neededMs.toFixed(1)} ms or more and ${leftMs.toFixed(1)} are left`;
      const error = job.started
        ? new PoolError('POOL_TIMEOUT', `The time left will not do: ${missing}`)
        : new PoolError('POOL_DEADLINE', `The deadline can't be met: ${missing}`, {
            retryAfterMs: this.queuedWorkMs,
          });
      const chunks = job.failAll(error, nowMs);
      this.#parts.emit({ kind: 'shed', reason: 'deadline' });
      this.#parts.emit({ kind: 'chunks-settled', outcome: 'error', chunks });
    }
    return ended;
  }

  async #send(backend: Backend, batch: Batch): Promise<void> {
    const { clock, emit } = this.#parts;
    const sentMs = clock.nowMs();
    const texts = textsOf(batch);
    const longest = longestOf(batch);
    for (const [job, chunks] of chunksByJob(batch)) {
      job.sent(sentMs);
      emit({ kind: 'chunks-sent', waitMs: sentMs - job.acceptedAtMs, chunks });
    }
    const result = await backend.send(texts, longest, () => this.queue.chunks > 0);
    const outcome = result.kind === 'vectors' ? 'ok' : result.reason;
    // The backend's next batch leaves before callers are answered.
    this.#sendWhatFits();
    const { durationMs } = result;
    emit({ kind: 'batch-ended', backendId: backend.id, chunks: batch.chunks, durationMs, outcome });
    if (result.kind === 'vectors') this.#answer(batch, result);
    else await this.#retryOrFail(backend, openPart(batch), result);
  }

  #answer(batch: Batch, result: SendResult & { kind: 'vectors' }): void {
    const nowMs = this.#parts.clock.nowMs();
    let offset = 0;
    let answered = 0;
    for (const { job, start, end } of batch.spans) {
      const length = end - start;
      const own =
        length === result.vectors.length ? result.vectors : result.vectors.slice(offset, offset + length);
      answered += job.answer(start, own, nowMs);
      offset += length;
    }
    if (answered > 0) this.#parts.emit({ kind: 'chunks-settled', outcome: 'ok', chunks: answered });
  }

  async #retryOrFail(backend: Backend, batch: Batch, result: SendResult & { kind: 'failed' }): Promise<void> {
    if (batch.chunks === 0) return;
    const { clock, random, retry, emit } = this.#parts;
    const { reason, retryAfterMs, message } = result;
    const controlPassed = reason === 'input' && (await this.#controlPasses(backend));
    if (reason === 'input' && !controlPassed) backend.blame();
    const eligibleIds = eligible(this.#backends).map(({ id }) => id);
    const { chunks, history } = batch;
    const step = nextStep(
      { reason, backendId: backend.id, retryAfterMs, chunks, history, controlPassed, eligibleIds },
      retry,
      clock.nowMs(),
      random,
    );
    switch (step.kind) {
      case 'retry':
      case 'halve': {
        emit({ kind: 'retry', reason, chunks });
        const again = { ...batch, history: step.history };
        const parts = step.kind === 'halve' ? cutBatch(again, Math.ceil(chunks / 2)) : [again];
        for (const part of parts) this.queue.putBack(part);
        this.schedule();
        return;
      }
      case 'refuse-input':
        this.#fail(
          batch.spans,
          (index) =>
            new PoolError('POOL_INPUT_REFUSED', refusal(index, backend, message), { failedIndices: [index] }),
        );
        return;
      case 'give-up': {
        const what = `${chunks} chunk(s) failed ${history.attempts + 1} times, last on ${backend.id}: ${message}`;
        this.#fail(batch.spans, () => new PoolError('POOL_BACKEND_FAILED', what));
      }
    }
  }

  #fail(spans: readonly Span[], errorOf: (index: number) => PoolError): void {
    const nowMs = this.#parts.clock.nowMs();
    let failed = 0;
    for (const { job, start, end } of spans) failed += job.fail(start, end, errorOf(start), nowMs);
    if (failed > 0) this.#parts.emit({ kind: 'chunks-settled', outcome: 'error', chunks: failed });
  }

  /** Asks at most once a second, so that a flood of bad texts costs no flood of questions. */
  #controlPasses(backend: Backend): Promise<boolean> {
    const nowMs = this.#parts.clock.nowMs();
    const known = this.#controls.get(backend.id);
    if (known && nowMs - known.askedMs < CONTROL_VALID_MS) return known.passed;
    const passed = backend.probe();
    this.#controls.set(backend.id, { askedMs: nowMs, passed });
    return passed;
  }

  /** One timer at a time: whoever wakes looks for the next occasion itself. */
  #wakeAt(dueMs: number): void {
    if (this.#wakeMs <= dueMs) return;
    this.#wakeMs = dueMs;
    const { clock } = this.#parts;
    void clock.sleep(Math.max(0, dueMs - clock.nowMs()), this.#closed.signal).then(() => {
      if (this.#wakeMs === dueMs) this.#wakeMs = Number.POSITIVE_INFINITY;
      this.schedule();
    });
  }
}

function refusal(index: number, backend: Backend, message: string): string {
  return `Chunk ${index} was refused by ${backend.id}, which embeds other texts: ${message}`;
}
