import { Job, type JobRequest } from './job.ts';
import type { VectorBytes } from './protocol/vector-bytes.ts';

/** A job of a test: texts, or how many of them. */
export interface GivenJob extends Partial<JobRequest> {
  readonly texts?: readonly string[] | number;
  readonly acceptedAtMs?: number;
  readonly onSettled?: (job: Job) => void;
  readonly lengthOf?: (text: string) => number;
}

/** A job that waits for ever unless told otherwise; its texts are `0`, `1`, `2`. */
export function jobOf(given: GivenJob = {}): Job {
  const { texts = 1, acceptedAtMs = 0, onSettled = () => undefined, lengthOf, ...request } = given;
  const list = typeof texts === 'number' ? Array.from({ length: texts }, (_, i) => String(i)) : texts;
  return new Job(
    list,
    {
      priority: 'default',
      tenant: 'default',
      weight: 1,
      affinity: '',
      deadlineMs: Number.POSITIVE_INFINITY,
      idleTimeoutMs: Number.POSITIVE_INFINITY,
      onChunkError: 'abort',
      ...request,
    },
    acceptedAtMs,
    onSettled,
    lengthOf,
  );
}

/** Vectors that can be told apart: `[0]`, `[1]`. */
export function vectorsOf(...values: readonly number[]): VectorBytes[] {
  return values.map((value) => {
    const source = Buffer.from(`[${value}]`);
    return { source, start: 0, end: source.length };
  });
}
