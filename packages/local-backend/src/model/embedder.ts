/** The texts of one request. */
export interface EmbedInput {
  readonly texts: readonly string[];
  /** Answer the only vector itself instead of a list of one. */
  readonly flat: boolean;
}

/** Something that embeds one request at a time. */
export interface Embedder {
  /**
   * The JSON of the vectors. Rejects with `BACKEND_SESSION_FAILED`, with `BACKEND_WORKER_DIED`, or with `BACKEND_ABORTED` some time after
   * `signal` was aborted: the run of the model that is under way is finished first.
   */
  embed(input: EmbedInput, signal: AbortSignal): Promise<Uint8Array>;
}
