/** What is known of a queue and of the capacity on its way. Rates in chunks/s. */
export interface BacklogOutlook {
  readonly queuedChunks: number;
  readonly arrivalsPerSecond: number;
  /** What ready replicas do together. */
  readonly servedPerSecond: number;
  /** What each replica that is starting will add, and when; a time that is over counts as now. */
  readonly coming: readonly { readonly inSeconds: number; readonly chunksPerSecond: number }[];
}

/**
 * Chunks that will wait `horizonSeconds` from now if nothing is ordered: the queue grows by arrivals and shrinks by what is ready at each
 * moment, never below nothing.
 *
 * 600 queued, 10/s arriving, 12/s served and 12/s more in 30 s, 60 s ahead: 600 - 2·30 - 14·30 = 120.
 */
export function expectedBacklog(outlook: BacklogOutlook, horizonSeconds: number): number {
  let backlog = outlook.queuedChunks;
  let { servedPerSecond } = outlook;
  let atSeconds = 0;
  const run = (untilSeconds: number) => {
    const rate = outlook.arrivalsPerSecond - servedPerSecond;
    backlog = Math.max(0, backlog + rate * (untilSeconds - atSeconds));
    atSeconds = untilSeconds;
  };
  for (const next of [...outlook.coming].sort((a, b) => a.inSeconds - b.inSeconds)) {
    const readySeconds = Math.max(atSeconds, next.inSeconds);
    if (readySeconds >= horizonSeconds) break;
    run(readySeconds);
    servedPerSecond += next.chunksPerSecond;
  }
  run(horizonSeconds);
  return backlog;
}
