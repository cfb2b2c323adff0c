import type { GatewayReading } from './gateway-reading.ts';

/** Gateways read the list of backends every second; after three all know of a mark, or can't reach the list. */
export const NEWS_TRAVELS_MS = 3_000;

export interface DrainingReplica {
  readonly id: string;
  /** When it was marked, on the clock of the readings. */
  readonly sinceMs: number;
}

/**
 * Which draining replicas have no work left: every gateway says 0 for it, or doesn't name it, in a scrape that began 3 s or more
 * after the mark. A gateway that can't be read may have anything in flight; where no gateway is known, nothing is.
 */
export function emptyReplicas(
  draining: readonly DrainingReplica[],
  readings: readonly GatewayReading[],
): ReadonlySet<string> {
  if (readings.length === 0) return new Set();
  const isEmpty = ({ id, sinceMs }: DrainingReplica) =>
    readings.every(
      (reading) =>
        reading.kind === 'read' &&
        reading.beganAtMs >= sinceMs + NEWS_TRAVELS_MS &&
        (reading.backends.get(id)?.inFlightChunks ?? 0) === 0,
    );
  return new Set(draining.filter(isEmpty).map(({ id }) => id));
}
