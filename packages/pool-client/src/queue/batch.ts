import { chunkMs } from '../cost/chunk-ms.ts';
import type { CostCurve } from '../cost/cost-model.ts';
import type { Job } from '../job.ts';

/** A run of chunks of one job: `[start, end)`. */
export interface Span {
  readonly job: Job;
  readonly start: number;
  readonly end: number;
}

/** What happened to these chunks so far; decides what may happen next. */
export interface BatchHistory {
  /** Failed sends of these chunks together or in a larger batch. */
  readonly attempts: number;
  /** When they failed for the first time, on the pool's clock. */
  readonly failedSinceMs?: number;
  /** Backends that already failed with them; another one comes first. */
  readonly triedBackendIds: readonly string[];
  /** Times a backend that is otherwise well blamed this very text alone. */
  readonly refusals: number;
  /** Not to be sent again before this moment on the pool's clock. */
  readonly notBeforeMs: number;
  /** Sent again while the first send was still unanswered, because that took far too long. */
  readonly rescued?: boolean;
  /** Backends that sent unusable vectors for these chunks and right ones for others: to blame as soon as another has right ones. */
  readonly spoiledBy?: readonly string[];
  /** What the search for a bad chunk has cost so far, in milliseconds of the backends it was charged at. */
  readonly searchMs?: number;
  /** Set where these are one half of a refused batch, and the other is parked. */
  readonly bisection?: symbol | undefined;
  /** The backend that refused the whole of which these are a part. */
  readonly refusedBy?: string;
}

export const NO_HISTORY: BatchHistory = { attempts: 0, triedBackendIds: [], refusals: 0, notBeforeMs: 0 };

/** Whether these chunks were on their way before, for whatever reason. */
export function wasSent({ history }: { readonly history: BatchHistory }): boolean {
  return history !== NO_HISTORY;
}

/** Chunks that are sent together. */
export interface Batch {
  readonly spans: readonly Span[];
  readonly chunks: number;
  readonly history: BatchHistory;
}

/** The batch of these spans. */
export function batchOf(spans: readonly Span[], history: BatchHistory): Batch {
  return { spans, chunks: spans.reduce((sum, span) => sum + span.end - span.start, 0), history };
}

/** The texts of the batch in order. */
export function textsOf(batch: Batch): string[] {
  const texts: string[] = [];
  for (const { job, start, end } of batch.spans) {
    for (let index = start; index < end; index += 1) texts.push(job.text(index));
  }
  return texts;
}

/** How many chunks each job has in it. */
export function chunksByJob(batch: Batch): ReadonlyMap<Job, number> {
  const chunks = new Map<Job, number>();
  for (const { job, start, end } of batch.spans) chunks.set(job, (chunks.get(job) ?? 0) + end - start);
  return chunks;
}

/** What its chunks take by a curve, in milliseconds; the fixed cost of a batch is not in it. */
export function workOfMs({ spans }: Pick<Batch, 'spans'>, curve: CostCurve): number {
  let workMs = 0;
  for (const { job, start, end } of spans) {
    for (let index = start; index < end; index += 1) workMs += chunkMs(curve, job.charactersOf(index));
  }
  return workMs;
}

/** Its longest chunk, in characters or what stands for them: servers pad the others to it. */
export function longestOf(batch: Batch): number {
  let longest = 0;
  for (const { job, start, end } of batch.spans) {
    for (let index = start; index < end; index += 1) longest = Math.max(longest, job.charactersOf(index));
  }
  return longest;
}

/**
 * Without what was settled meanwhile (a caller that left, a time that was up): only open chunks are worth sending.
 * A span is open or settled at one end only where the batch was cut before, so whole jobs and single chunks are looked at.
 */
export function openPart(batch: Batch): Batch {
  const open: Span[] = [];
  for (const { job, start, end } of batch.spans) {
    if (job.done) continue;
    let from = start;
    for (let index = start; index <= end; index += 1) {
      if (index < end && job.isOpen(index)) continue;
      if (index > from) open.push({ job, start: from, end: index });
      from = index + 1;
    }
  }
  return batchOf(open, batch.history);
}

/** Cuts the batch after `chunks` chunks; both parts keep the order and the history. */
export function cutBatch(batch: Batch, chunks: number): readonly [Batch, Batch] {
  const head: Span[] = [];
  const tail: Span[] = [];
  let left = chunks;
  for (const span of batch.spans) {
    const length = span.end - span.start;
    if (left >= length) head.push(span);
    else if (left <= 0) tail.push(span);
    else {
      head.push({ ...span, end: span.start + left });
      tail.push({ ...span, start: span.start + left });
    }
    left -= length;
  }
  return [batchOf(head, batch.history), batchOf(tail, batch.history)];
}
