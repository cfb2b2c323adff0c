import { Embeddings, type EmbeddingsParams } from '@langchain/core/embeddings';
import type { EmbedderPoolOptions } from './options.ts';
import { EmbedderPool } from './pool.ts';

export interface ForebayEmbeddingsParams extends EmbeddingsParams {
  /** A pool to share, or the options of one of its own. @default the pool of the environment (`DJL_URLS`) */
  readonly pool?: EmbedderPool | EmbedderPoolOptions;
  /** Needed where the pool serves several models. */
  readonly model?: string;
}

/**
 * LangChain embeddings over a pool of model servers. Documents go as bulk work, so that a query overtakes them.
 * Retries and batching are the pool's; LangChain's own caller is not used.
 */
export class ForebayEmbeddings extends Embeddings {
  readonly #pool: EmbedderPool;
  readonly #ownsPool: boolean;
  readonly #model: { readonly model?: string };

  constructor(params: ForebayEmbeddingsParams = {}) {
    super(params);
    const { pool } = params;
    this.#ownsPool = !(pool instanceof EmbedderPool);
    this.#pool =
      pool instanceof EmbedderPool
        ? pool
        : pool === undefined
          ? EmbedderPool.fromEnv()
          : new EmbedderPool(pool);
    this.#model = params.model === undefined ? {} : { model: params.model };
  }

  override embedDocuments(documents: string[]): Promise<number[][]> {
    return this.#pool.encode(documents, { ...this.#model, priority: 'bulk' });
  }

  override async embedQuery(document: string): Promise<number[]> {
    const [vector] = await this.#pool.encode([document], { ...this.#model, priority: 'interactive' });
    return vector as number[]; // one text, one vector
  }

  /** Ends the pool unless it was given. */
  async close(): Promise<void> {
    if (this.#ownsPool) await this.#pool.close();
  }
}
