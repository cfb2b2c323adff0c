/** What a scaling system under simulation may know at the end of a second. Requests stand for chunks. */
export interface SimulatedState {
  /** Seconds since the trace began; the first call is made for second 0, before its requests come. */
  readonly second: number;
  readonly desired: number;
  readonly ready: number;
  /** Seconds since launch of each replica that is starting, the oldest first. */
  readonly startingAges: readonly number[];
  /** Requests that came in the second before. */
  readonly arrived: number;
  /** Requests served in the second before (fractions possible). */
  readonly served: number;
  /** Requests waiting now. */
  readonly queued: number;
  /** Seconds that the oldest of them has waited. */
  readonly oldestSeconds: number;
  /** Work done in the second before over what the ready replicas could have done, 0 to 1; 0 without ready replicas. */
  readonly utilization: number;
}

/** What is fixed for one run. */
export interface SimulatedSystem {
  /** Requests/s of one ready replica. */
  readonly perReplica: number;
  readonly startupSeconds: number;
  readonly min: number;
  readonly initial: number;
  readonly max: number;
}

/** A scaling system under simulation: called once for each second; answers the desired count (the simulator clamps it to min and max). */
export interface Controller {
  desired(state: SimulatedState): number;
}

/** A named policy of `simulate`. */
export interface NamedController {
  readonly name: string;
  /** What a user should know of it beside its results. */
  readonly notes?: readonly string[];
  start(system: SimulatedSystem): Controller;
}
