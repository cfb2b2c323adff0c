import type { CountedVote } from './vote.ts';

/** One rule that changed or held what policies asked for. */
export interface Limit {
  /** `min`, `max`, `tolerance-in`, `stabilization-in`, `cooldown-out`, `velocity-out`, `lost-signal`, `paused`, `manual`, `failed-starts`, `dry-run` … */
  readonly name: string;
  /** Replicas before and after it. */
  readonly from: number;
  readonly to: number;
  readonly because: string;
  /** When it ends by itself, in milliseconds since 1970. */
  readonly untilMs?: number;
}

/** A signal as a decision saw it. */
export type SeenSignal =
  | { readonly kind: 'value'; readonly value: number; readonly ageSeconds: number }
  | { readonly kind: 'stale'; readonly value: number; readonly ageSeconds: number }
  | { readonly kind: 'missing'; readonly reason: string; readonly ageSeconds: number };

/** One group at one tick: what was known, what each policy asked for, what bound, what was settled. The same in API, log, dry run and replay. */
export interface Decision {
  readonly group: string;
  readonly decidedAtMs: number;
  /** The desired count before and after. */
  readonly current: number;
  readonly target: number;
  readonly ready: number;
  readonly starting: number;
  readonly draining: number;
  readonly signals: Readonly<Record<string, SeenSignal>>;
  readonly votes: readonly CountedVote[];
  /** What the policies together ask for, before limits; `current` when all abstained. */
  readonly wanted: number;
  readonly limits: readonly Limit[];
  /** One sentence: `Scaling up based on queued-work: …`, or why nothing was done and until when. */
  readonly reason: string;
  /** Settled but not carried out. */
  readonly dryRun: boolean;
}

/** A change of a group's desired count. */
export interface CountChange {
  readonly atMs: number;
  readonly from: number;
  readonly to: number;
}
