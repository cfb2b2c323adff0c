/** Tells how far a download is; called often. */
export type OnProgress = (doneBytes: number, totalBytes: number) => void;

/** A place that has the model's files. */
export interface WeightsSource {
  /** For messages. */
  readonly name: string;
  /**
   * Puts `FETCHED_FILES` by their names into `folder`, which exists and belongs to this call alone, but may hold what an
   * earlier, broken call left. The caller checks the hashes. Rejects when it can't, or when `signal` is aborted.
   */
  fetchInto(folder: string, onProgress: OnProgress, signal: AbortSignal): Promise<void>;
}
