import type { Clock } from './clock.ts';

export type Within<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'late' }
  /** The caller's signal was aborted. */
  | { readonly kind: 'aborted' };

/** Waits for work outside the process no longer than `timeoutMs`; then the work's signal is aborted and it is left behind. Rejects as the work does. */
export async function within<T>(
  { clock, timeoutMs, signal }: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<Within<T>> {
  if (signal.aborted) return { kind: 'aborted' };
  const ended = new AbortController();
  const late = new AbortController();
  const over = clock
    .sleep(timeoutMs, AbortSignal.any([signal, ended.signal]))
    .then((): Within<T> => ({ kind: signal.aborted ? 'aborted' : 'late' }));
  try {
    const done = work(AbortSignal.any([signal, late.signal])).then(
      (value): Within<T> => ({ kind: 'done', value }),
      (error: unknown): Promise<Within<T>> => (signal.aborted ? over : Promise.reject(error)),
    );
    return await Promise.race([done, over]);
  } finally {
    ended.abort();
    late.abort();
  }
}

/** How long an outside call may take, and who may call it off. */
export interface Deadline {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}
