import type { Samples } from '../values/sample.ts';

/** The replicas that a group's signals are about. */
export interface GroupOfReplicas {
  readonly name: string;
  readonly class: string;
  /** All that may have work, draining ones included. */
  readonly replicaIds: readonly string[];
  readonly readyIds: readonly string[];
}

/** What gateways and other sources said at one moment. */
export interface Readings {
  samplesFor(group: GroupOfReplicas): Samples;
  /** Chunks in flight on a replica, over all gateways; undefined when one of them can't tell, or there is none. */
  inFlight(id: string): number | undefined;
  /** Whether every gateway says that a replica has nothing in flight, in a scrape begun 3 s or more after it was marked. */
  isEmpty(id: string, markedAtMs: number): boolean;
}

/** Reads all sources under one deadline; never rejects: what can't be read is missing. */
export interface SignalSource {
  read(nowMs: number, signal: AbortSignal): Promise<Readings>;
}
