/** What is known of a group's queue and of the capacity on its way. Rates in chunks/s. */
export interface BacklogOutlook {
  readonly queuedChunks: number;
  readonly arrivalsPerSecond: number;
  readonly chunksPerSecondPerReplica: number;
  readonly ready: number;
  /** Seconds until each replica that is starting is ready; past ones count as ready at once. */
  readonly readyInSeconds: readonly number[];
}

/**
 * Chunks that will wait `horizonSeconds` from now if nothing is ordered: the queue grows by arrivals and shrinks by what is ready at each
 * moment, never below nothing.
 *
 * 600 queued, 10/s arriving, one replica of 12/s and one more in 30 s, 60 s ahead: 600 - 2·30 - 14·30 = 120.
 */
export function expectedBacklog(outlook: BacklogOutlook, horizonSeconds: number): number {
  const { arrivalsPerSecond, chunksPerSecondPerReplica } = outlook;
  let backlog = outlook.queuedChunks;
  let replicas = outlook.ready;
  let atSeconds = 0;
  const run = (untilSeconds: number) => {
    const rate = arrivalsPerSecond - replicas * chunksPerSecondPerReplica;
    backlog = Math.max(0, backlog + rate * (untilSeconds - atSeconds));
    atSeconds = untilSeconds;
  };
  for (const readyInSeconds of [...outlook.readyInSeconds].sort((a, b) => a - b)) {
    const atReady = Math.max(atSeconds, readyInSeconds);
    if (atReady >= horizonSeconds) break;
    run(atReady);
    replicas += 1;
  }
  run(horizonSeconds);
  return backlog;
}
