/** Chunks and their UTF-8 bytes. */
export interface Amount {
  readonly chunks: number;
  readonly bytes: number;
}

export type QueueVerdict = 'ok' | 'too-large' | 'queue-full' | 'tenant-share';

/**
 * While others use the queue too, a tenant may have waiting at most this many times what is free ("dynamic thresholds",
 * Choudhury and Hahne, 1998): one alone fills four fifths, two fill eight ninths between them, and there is always room for the next.
 */
const SHARE_OF_FREE = 4;

/** Whether `added` may wait too, where `queued` waits already, `own` of it the same tenant's. */
export function queueRoom(
  bounds: Amount,
  queued: Amount,
  own: Amount,
  added: Amount,
  othersUseIt: boolean,
): QueueVerdict {
  let verdict: QueueVerdict = 'ok';
  for (const unit of ['chunks', 'bytes'] as const) {
    const free = bounds[unit] - queued[unit];
    if (added[unit] > bounds[unit]) return 'too-large';
    if (added[unit] > free) verdict = 'queue-full';
    else if (othersUseIt && verdict === 'ok' && own[unit] + added[unit] > SHARE_OF_FREE * free) {
      verdict = 'tenant-share';
    }
  }
  return verdict;
}
