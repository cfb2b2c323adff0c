import type { Backend } from '../backend/backend.ts';
import { eligible } from '../backend/backend-state.ts';
import type { BackendView } from '../balancing/backend-view.ts';
import type { BalancingStrategy } from '../balancing/balancing-strategy.ts';
import type { Clock } from '../clock.ts';
import { PoolError } from '../errors.ts';
import type { PoolListener } from '../events.ts';
import type { Job, Priority } from '../job.ts';
import { hasteOf } from '../planning/haste.ts';
import { plan } from '../planning/plan.ts';
import { type Batch, chunksByJob, longestOf, openPart, textsOf, wasSent } from '../queue/batch.ts';
import { JobQueue } from '../queue/job-queue.ts';
import type { Random } from '../random.ts';
import { Aftermath } from './aftermath.ts';
import { Forecast } from './forecast.ts';
import type { RetryOptions } from './next-step.ts';
import type { RetryBudget } from './retry-budget.ts';
import { StragglerWatch } from './straggler-watch.ts';
import { Suspects } from './suspects.ts';
import { acceptsOf, boundsOf, maxBatchMs, mayRetry, type Occasion } from './what-fits.ts';

export interface DispatcherParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly strategy: BalancingStrategy;
  readonly retry: RetryOptions;
  /** Of the whole pool, over all models: of what failed, and of what is sent to find bad chunks. */
  readonly budgets: { readonly retries: RetryBudget; readonly searches: RetryBudget };
  /** Longest wait of a caller's chunks for the backend it is bound to, in milliseconds. */
  readonly affinityWaitMs: number;
  readonly groupByLength: boolean;
  readonly emit: PoolListener;
}

/** A timer that comes so much later than it should, in milliseconds, shows a pause of this process. */
const PAUSE_MS = 30;

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
  #wokeMs = Number.NEGATIVE_INFINITY;
  readonly #stragglers: StragglerWatch;
  readonly #suspects = new Suspects();
  readonly #aftermath: Aftermath;
  readonly #closed = new AbortController();

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.queue = new JobQueue(parts.groupByLength);
    this.#forecast = new Forecast(this.queue);
    this.#stragglers = new StragglerWatch({
      queue: this.queue,
      budget: parts.budgets.retries,
      emit: parts.emit,
    });
    this.#aftermath = new Aftermath({
      ...parts,
      queue: this.queue,
      backends: () => this.#backends,
      charge: () => this.#forecast.charge,
      suspects: this.#suspects,
    });
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
    const nextLookMs = this.#stragglers.look(nowMs, this.#backends);
    if (nextLookMs !== undefined) this.#wakeAt(nextLookMs);
    const inService = eligible(this.#backends);
    const all = inService.filter(({ standing }) => standing.restsUntilMs <= nowMs);
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
    if (this.queue.chunks > 0) this.#wakeForWaiting(inService, nowMs);
    if (this.queue.chunks > 0 && strategy.owner && all.length > 1) this.#wakeAt(nowMs + affinityWaitMs);
  }

  /** What waits for a moment and not for a batch's end is looked at again then. */
  #wakeForWaiting(inService: readonly Backend[], nowMs: number): void {
    const nextRetryMs = this.queue.nextRetryMs(nowMs);
    if (nextRetryMs !== undefined) this.#wakeAt(nextRetryMs);
    const { retries, searches } = this.#parts.budgets;
    for (const budget of [retries, searches]) {
      if (!budget.allows(nowMs)) this.#wakeAt(nowMs + budget.waitMs(nowMs));
    }
    for (const { standing } of inService) {
      if (standing.restsUntilMs > nowMs) this.#wakeAt(standing.restsUntilMs);
    }
  }

  #take(occasion: Occasion, maxChunks: number): Batch | undefined {
    const { nowMs } = occasion;
    const apart = this.#suspects.at(nowMs);
    const bounds = { ...boundsOf(occasion, maxChunks, this.#forecast.charge), apart };
    const accepts = acceptsOf(occasion);
    for (;;) {
      const take = (mayCost: (failed: Batch) => boolean) =>
        this.queue.take(bounds, (failed) => mayCost(failed) && mayRetry(occasion, failed), accepts);
      // Rather than idle a backend goes on searching, whatever that has cost.
      const batch =
        take((failed) => this.#mayCost(failed, nowMs, apart)) ?? take((failed) => isSearch(failed));
      if (!batch || !this.#endHopeless(batch, occasion.nowMs)) return batch;
      const open = openPart(batch);
      if (open.chunks > 0) return open;
      // Nobody waits for the half any more that was to be tried.
      if (batch.history.bisection) this.queue.endSearch(batch.history.bisection);
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
    this.#account(batch);
    for (const [job, chunks] of chunksByJob(batch)) {
      job.sent(sentMs);
      emit({ kind: 'chunks-sent', waitMs: sentMs - job.acceptedAtMs, chunks });
    }
    const flight = this.#stragglers.begin(backend, batch, sentMs);
    const result = await backend.send(texts, longest, () => this.queue.chunks > 0);
    this.#stragglers.end(flight);
    const outcome =
      result.kind === 'vectors' ? 'ok' : result.kind === 'spoiled' ? result.kind : result.reason;
    // The backend's next batch leaves before callers are answered.
    this.#sendWhatFits();
    const { durationMs } = result;
    emit({ kind: 'batch-ended', backendId: backend.id, chunks: batch.chunks, durationMs, outcome });
    await this.#aftermath.settle(backend, batch, result, flight.rescued);
    if (this.queue.chunks > 0) this.schedule();
  }

  #account(batch: Batch): void {
    const { retries, searches } = this.#parts.budgets;
    if (wasSent(batch)) this.#budgetOf(batch).spend(batch.chunks);
    else for (const budget of [retries, searches]) budget.sent(batch.chunks);
  }

  /** Whether there is a budget for sending it again; a search that holds somebody up who is not known for bad texts needs none. */
  #mayCost(batch: Batch, nowMs: number, apart: ReadonlySet<string> | undefined): boolean {
    const isInnocent = ({ job }: Batch['spans'][number]) => apart?.has(job.request.tenant) !== true;
    return (isSearch(batch) && batch.spans.some(isInnocent)) || this.#budgetOf(batch).allows(nowMs);
  }

  #budgetOf(batch: Batch): RetryBudget {
    const { retries, searches } = this.#parts.budgets;
    return isSearch(batch) ? searches : retries;
  }

  /** One timer at a time: whoever wakes looks for the next occasion itself. */
  #wakeAt(dueMs: number): void {
    if (this.#wakeMs <= dueMs) return;
    this.#wakeMs = dueMs;
    const { clock } = this.#parts;
    void clock.sleep(Math.max(0, dueMs - clock.nowMs()), this.#closed.signal).then(() => {
      if (this.#wakeMs === dueMs) this.#wakeMs = Number.POSITIVE_INFINITY;
      // This process was busy or stopped, not its backends.
      const nowMs = clock.nowMs();
      const pauseMs = nowMs - Math.max(dueMs, this.#wokeMs);
      this.#wokeMs = nowMs;
      if (pauseMs > PAUSE_MS) this.#stragglers.paused(pauseMs);
      this.schedule();
    });
  }
}

function isSearch({ history }: Batch): boolean {
  return history.searchMs !== undefined;
}
