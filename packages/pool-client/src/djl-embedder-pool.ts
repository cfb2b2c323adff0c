import { PoolError } from './errors.ts';
import { EmbedderPool } from './pool.ts';

/** The pool behind the two arguments of a plain round-robin client. */
export class DJLEmbedderPool {
  readonly #pool: EmbedderPool;

  /**
   * A drop-in for the usual ten-line round-robin client: the same two arguments, with batching, balancing and retries.
   * @param djlUrls Prediction URLs of the servers, at least one.
   * @param batchSize Most texts in one request to a server, 1 to 4096.
   * @throws PoolError `POOL_INVALID_OPTIONS`
   */
  constructor(djlUrls: readonly string[], batchSize: number) {
    if (djlUrls.length === 0)
      throw new PoolError('POOL_INVALID_OPTIONS', 'djlUrls must have at least one URL, got none');
    this.#pool = new EmbedderPool({ backends: djlUrls.map((url) => ({ url, maxBatch: batchSize })) });
  }

  /** The vectors of the texts, in order. */
  encode(texts: readonly string[]): Promise<number[][]> {
    return this.#pool.encode(texts);
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}
