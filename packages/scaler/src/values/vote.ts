import type { Tolerance } from './group-settings.ts';

/**
 * What a policy computed on the way to its vote, by names of its own that end in their unit: `desired_job_capacity`, `arrivals_chunks_per_second`.
 * The names are fixed in the policy's code, so that they can be labels of a metric.
 */
export type Figures = Readonly<Record<string, number>>;

/** What one policy asks for at one tick. */
export type Vote =
  | {
      readonly kind: 'wants';
      /** The policy's name in the configuration. */
      readonly policy: string;
      /** Replicas that the work needs, fractions kept. */
      readonly replicas: number;
      /** Replicas that are ordered once the count changes, head-room included; fractions are rounded up. */
      readonly order: number;
      readonly tolerance: Tolerance;
      /** The numbers behind it, for a person: `12.0 chunks/s and 3.1 for the backlog over 4.0 per replica`. */
      readonly because: string;
      readonly figures?: Figures;
    }
  | {
      readonly kind: 'abstains';
      readonly policy: string;
      readonly because: string;
      /** A signal is missing or stale: nothing scales in while this vote stands. */
      readonly lostSignal: boolean;
    };

/** A vote, and what became of it once windows and tolerance were applied. */
export interface CountedVote {
  readonly vote: Vote;
  /** The count that the policy asks for now: whole replicas, `current` when it asks for no change. */
  readonly target: number;
  /** What holds it where it is. */
  readonly held?: {
    readonly by: 'tolerance' | 'stabilization';
    readonly because: string;
    readonly untilMs?: number;
  };
}
