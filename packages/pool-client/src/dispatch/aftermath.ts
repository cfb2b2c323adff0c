import type { Backend } from '../backend/backend.ts';
import { eligible } from '../backend/backend-state.ts';
import type { SendResult } from '../backend/exchange.ts';
import type { Clock } from '../clock.ts';
import type { CostCurve } from '../cost/cost-model.ts';
import { PoolError } from '../errors.ts';
import type { BatchFailureReason, PoolListener } from '../events.ts';
import { withoutQuotes } from '../protocol/without-quotes.ts';
import { type Batch, openPart, type Span, workOfMs } from '../queue/batch.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import type { Random } from '../random.ts';
import { ControlQuestions } from './control-questions.ts';
import { nextStep, type RetryOptions } from './next-step.ts';
import type { Suspects } from './suspects.ts';

export interface AftermathParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly retry: RetryOptions;
  readonly queue: JobQueue;
  /** All backends of the model, whatever their state. */
  readonly backends: () => readonly Backend[];
  /** What chunks cost their tenants. */
  readonly charge: () => CostCurve;
  readonly suspects: Suspects;
  readonly emit: PoolListener;
}

type Failure = Exclude<SendResult, { kind: 'vectors' }>;

/** What comes after a batch: answers for its chunks, or what `nextStep` says to do with them. */
export class Aftermath {
  readonly #parts: AftermathParts;
  readonly #control: ControlQuestions;

  constructor(parts: AftermathParts) {
    this.#parts = parts;
    this.#control = new ControlQuestions(parts.clock);
  }

  /** A batch ended; `caredFor` when its chunks are on their way elsewhere already, whatever came of this. */
  async settle(backend: Backend, batch: Batch, result: SendResult, caredFor: boolean): Promise<void> {
    if (result.kind !== 'failed') this.#answer(batch, result.vectors);
    const { bisection } = batch.history;
    if (caredFor) return;
    if (result.kind === 'vectors') {
      this.#blameSpoilers(batch);
      if (bisection) this.#searchOn(backend, batch, bisection);
      return;
    }
    const open = openPart(batch);
    // The other half goes its own way: this one has failed, or nobody waits for it any more.
    if (bisection) this.#parts.queue.endSearch(bisection);
    if (open.chunks > 0) await this.#retryOrFail(backend, open, result);
  }

  #answer(batch: Batch, vectors: (SendResult & { kind: 'spoiled' })['vectors']): void {
    const nowMs = this.#parts.clock.nowMs();
    let offset = 0;
    let answered = 0;
    for (const { job, start, end } of batch.spans) {
      const length = end - start;
      const own = length === vectors.length ? vectors : vectors.slice(offset, offset + length);
      answered += job.answer(start, own, nowMs);
      offset += length;
    }
    if (answered > 0) this.#parts.emit({ kind: 'chunks-settled', outcome: 'ok', chunks: answered });
  }

  /** Others have right vectors for these chunks: it was no fault of theirs. */
  #blameSpoilers({ history: { spoiledBy = [] } }: Batch): void {
    for (const spoiler of this.#parts.backends())
      if (spoiledBy.includes(spoiler.id)) spoiler.standing.blame();
  }

  /** The half that was tried is right, so the other one holds the bad chunk, if it was the same backend that refused both together. */
  #searchOn(backend: Backend, { history }: Batch, bisection: symbol): void {
    const { queue, clock } = this.#parts;
    const guilty = queue.searchOn(bisection);
    if (!guilty) return;
    const notBeforeMs = clock.nowMs();
    // What one backend refused and another embeds shows nothing of the rest: that is sent whole once more.
    if (backend.id !== history.refusedBy) {
      queue.putBack({ ...guilty, history: { ...history, bisection: undefined, notBeforeMs } });
    } else if (guilty.chunks > 1) queue.bisect({ ...guilty, history: { ...history, notBeforeMs } });
    else {
      // Refused in company, and the company was let off: another is to say so of it alone.
      const alone = {
        ...history,
        bisection: undefined,
        refusals: 1,
        triedBackendIds: [backend.id],
        notBeforeMs,
      };
      queue.putBack({ ...guilty, history: alone });
    }
  }

  async #retryOrFail(backend: Backend, batch: Batch, result: Failure): Promise<void> {
    const { clock, random, retry, queue, charge, emit } = this.#parts;
    const { reason, message, retryAfterMs } = factsOf(result);
    const controlPassed = await this.#embedsOthers(backend, result, batch.chunks === 1);
    const isBlamed =
      reason === 'input' || reason === 'spoiled' || (reason === 'too-large' && batch.chunks === 1);
    if (isBlamed && !controlPassed) backend.standing.blame();
    const open = openPart(batch);
    if (open.chunks === 0) return;
    const backends = this.#parts.backends();
    const { chunks, history } = open;
    const searches = reason === 'input' && controlPassed;
    const searchMs = searches ? (history.searchMs ?? 0) + workOfMs(open, charge()) : history.searchMs;
    const step = nextStep(
      {
        reason,
        retryAfterMs,
        backendId: backend.id,
        chunks,
        history: searchMs === undefined ? history : { ...history, searchMs, refusedBy: backend.id },
        controlPassed,
        anyServing: backends.some(({ state }) => state === 'serving'),
        eligibleIds: eligible(backends).map(({ id }) => id),
      },
      retry,
      clock.nowMs(),
      random,
    );
    switch (step.kind) {
      case 'retry':
      case 'halve':
      case 'bisect': {
        emit({ kind: 'retry', reason, chunks });
        const again = { ...open, history: step.history };
        if (step.kind === 'retry') queue.putBack(again);
        else if (step.kind === 'bisect') queue.bisect(again);
        else queue.putBackInHalves(again);
        return;
      }
      case 'refuse-input':
        for (const { job } of open.spans) {
          if (searchMs) queue.charge(job, searchMs);
          this.#parts.suspects.note(job.request.tenant, clock.nowMs());
        }
        this.#fail(
          open.spans,
          (index) =>
            new PoolError('POOL_INPUT_REFUSED', refusal(index, backend, message), { failedIndices: [index] }),
        );
        return;
      case 'give-up': {
        // What it said may quote any text of the batch, and only its own caller may read that.
        const own = open.spans.every(({ job }) => job === open.spans[0]?.job);
        const said = own ? message : withoutQuotes(message);
        const what = `${chunks} chunk(s) failed ${history.attempts + 1} times, last on ${backend.id}: ${said}`;
        this.#fail(open.spans, () => new PoolError('POOL_BACKEND_FAILED', what));
      }
    }
  }

  /** Whether a backend that speaks against these chunks embeds others. */
  async #embedsOthers(backend: Backend, result: Failure, alone: boolean): Promise<boolean> {
    if (result.kind === 'spoiled') {
      const someRight = result.vectors.some((vector) => vector !== undefined);
      return someRight || this.#control.passes(backend);
    }
    if (result.reason !== 'input' && !(result.reason === 'too-large' && alone)) return false;
    // A single chunk may be refused for good: then it must be well now, and not just a second ago.
    return this.#control.passes(backend, alone ? this.#parts.clock.nowMs() : undefined);
  }

  #fail(spans: readonly Span[], errorOf: (index: number) => PoolError): void {
    const nowMs = this.#parts.clock.nowMs();
    let failed = 0;
    for (const { job, start, end } of spans) failed += job.fail(start, end, errorOf(start), nowMs);
    if (failed > 0) this.#parts.emit({ kind: 'chunks-settled', outcome: 'error', chunks: failed });
  }
}

interface FailureFacts {
  readonly reason: BatchFailureReason;
  readonly message: string;
  readonly retryAfterMs: number | undefined;
}

function factsOf(result: Failure): FailureFacts {
  return result.kind === 'failed'
    ? result
    : { reason: 'spoiled', message: result.message, retryAfterMs: undefined };
}

function refusal(index: number, backend: Backend, message: string): string {
  return `Chunk ${index} was refused by ${backend.id}, which embeds other texts: ${message}`;
}
