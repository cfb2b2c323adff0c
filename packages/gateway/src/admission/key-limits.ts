import type { GatewayError } from '../errors.ts';
import type { ApiKey } from './api-keys.ts';

/** What one key has used. */
interface Usage {
  /** Chunks it may still send at once, as of `atMs`. */
  readonly allowance: number;
  readonly atMs: number;
}

/** A key may save up this many seconds of its rate for a burst. */
const BURST_SECONDS = 10;

/** Holds the bearers of keys to their chunks per second and to their share of the queue. */
export class KeyLimits {
  readonly #usage = new Map<string, Usage>();
  readonly #open = new Map<string, number>();

  /**
   * Admits `chunks` of a key, or says when to come back. What is admitted counts until `settled`.
   * The rate is a token bucket that holds ten seconds' worth; a request larger than the whole bucket empties it.
   */
  admit(key: ApiKey, chunks: number, nowMs: number): GatewayError | undefined {
    const { maxQueuedChunks, chunksPerSecond, tenant } = key;
    if (maxQueuedChunks !== undefined && chunks > maxQueuedChunks) {
      return {
        kind: 'payload_too_large',
        message: `${chunks} chunks are over the limit of tenant ${tenant}, ${maxQueuedChunks} at once: send less at once`,
      };
    }
    const open = this.#open.get(tenant) ?? 0;
    if (maxQueuedChunks !== undefined && open + chunks > maxQueuedChunks) {
      return {
        kind: 'queue_full',
        message: `tenant ${tenant} has ${open} chunks unanswered, ${chunks} more are over its limit of ${maxQueuedChunks}`,
        retryAfterS: 1,
      };
    }
    if (chunksPerSecond !== undefined) {
      const bucket = chunksPerSecond * BURST_SECONDS;
      const last = this.#usage.get(key.id) ?? { allowance: bucket, atMs: nowMs };
      const allowance = Math.min(bucket, last.allowance + ((nowMs - last.atMs) / 1_000) * chunksPerSecond);
      const needed = Math.min(chunks, bucket);
      if (allowance < needed) {
        return {
          kind: 'queue_full',
          message: `the key may send ${chunksPerSecond} chunks/s; ${chunks} are too many now`,
          retryAfterS: (needed - allowance) / chunksPerSecond,
        };
      }
      this.#usage.set(key.id, { allowance: allowance - needed, atMs: nowMs });
    }
    this.#open.set(tenant, open + chunks);
    return undefined;
  }

  settled(key: ApiKey, chunks: number): void {
    const left = (this.#open.get(key.tenant) ?? 0) - chunks;
    if (left > 0) this.#open.set(key.tenant, left);
    else this.#open.delete(key.tenant);
  }
}
