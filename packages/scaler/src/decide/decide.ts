import type { Peer, PolicyContext } from '../policies/policy-context.ts';
import { voteOf } from '../policies/vote-of.ts';
import type { Decision, Limit, SeenSignal } from '../values/decision.ts';
import type { GroupSettings } from '../values/group-settings.ts';
import { freshSeconds, type Samples } from '../values/sample.ts';
import { combine } from './combine.ts';
import { type Ballot, countVote } from './count-vote.ts';
import { grownWindowSeconds } from './grown-window.ts';
import { type Bounds, limited } from './limits.ts';
import { longestGapMs } from './longest-gap.ts';
import { reasonFor } from './reason-for.ts';

/** Everything that a decision rests on. */
export interface DecideInput extends Bounds {
  readonly nowMs: number;
  readonly settings: GroupSettings;
  /** The desired count; undefined before the group's first tick. */
  readonly current: number | undefined;
  readonly ready: number;
  /** Seconds since launch of each replica that is starting and not overdue. */
  readonly startingAgesSeconds: readonly number[];
  readonly draining: number;
  readonly samples: Samples;
  /** The last measured speed of a replica, where `past` doesn't reach back to it. */
  readonly learnedChunksPerSecond?: number | undefined;
  /** Learned, else `settings.startup.expectedSeconds`. */
  readonly startupSeconds: number;
  /** Earlier decisions, oldest first, `historySeconds(settings)` of them at least where they exist. */
  readonly past: readonly Decision[];
  /** Other groups that serve the same callers by the same policy: work is shared out among all of them by what it costs. */
  readonly peers: readonly Peer[];
  /** Why and until when missing replicas are not launched, such as start-ups that failed in a row. */
  readonly heldLaunches?: HeldLaunches | undefined;
  readonly dryRun: boolean;
}

/** Why replicas that were settled are not launched now. */
export interface HeldLaunches {
  readonly name: 'failed-starts' | 'refused-orders';
  /** Replicas that the platform lists; by default those that are ready or starting. */
  readonly existing?: number;
  readonly because: string;
  readonly untilMs: number;
}

/** How many seconds of decisions `decide` looks back at. */
export function historySeconds({ stabilizationSeconds, flapping, intervalSeconds }: GroupSettings): number {
  const longest = Math.max(stabilizationSeconds.out, stabilizationSeconds.in, flapping.longestSeconds);
  return Math.max(TREND_SECONDS, longest) + 2 * intervalSeconds;
}

/** Both windows of a trend. */
const TREND_SECONDS = 480;

/** How many seconds of changes it looks back at. */
export function changesSeconds({ cooldownSeconds, velocity }: GroupSettings): number {
  const periods = [...velocity.out.rules, ...velocity.in.rules].map(({ periodSeconds }) => periodSeconds);
  return Math.max(FLAPPING_SECONDS, cooldownSeconds.out, cooldownSeconds.in, ...periods);
}

/** What was learned from changes before that is forgotten. */
const FLAPPING_SECONDS = 21_600;

/** The right number of replicas now, and why. Nothing but its input decides. */
export function decide(input: DecideInput): Decision {
  const { nowMs, settings, ready, startingAgesSeconds, samples } = input;
  const existing = ready + startingAgesSeconds.length;
  const current = input.current ?? existing;
  const past = withoutGap(input.past, nowMs, settings.intervalSeconds);
  const context: PolicyContext = {
    group: settings.name,
    nowMs,
    current,
    min: settings.min,
    max: settings.max,
    ready,
    startingAgesSeconds,
    startupSeconds: input.startupSeconds,
    classChunksPerSecond: settings.chunksPerSecond,
    learnedChunksPerSecond: input.learnedChunksPerSecond,
    samples,
    staleAfterSeconds: settings.staleAfterSeconds,
    past,
    pricePerHour: settings.pricePerHour,
    peers: input.peers,
  };
  // What starts in one group makes it look needless in the others: nobody gives up before that could have come.
  const leastSeconds = input.peers.length > 0 ? input.startupSeconds : 0;
  const ballot: Ballot = {
    nowMs,
    current,
    settings,
    past,
    inWindowSeconds: Math.max(leastSeconds, grownWindowSeconds(input.changes, settings)),
    steepFall: { ...settings.steepFall, seconds: Math.max(leastSeconds, settings.steepFall.seconds) },
    lastChangeMs: windowBeganMs(input),
  };
  const votes = settings.policies.map((policy) => countVote(voteOf(policy, context), ballot));
  const first = input.current === undefined;
  const wanted = first ? Math.max(settings.initial, current) : combine(votes, settings, current);
  const { target, limits: binding } = limited(wanted, current, votes, input, first);
  const held = launchLimit(input, target, existing);
  const limits: readonly Limit[] = held === undefined ? binding : [...binding, held];
  const settled: readonly Limit[] =
    input.dryRun && target !== current ? [...limits, dryRunLimit(current, target)] : limits;
  return {
    group: settings.name,
    decidedAtMs: nowMs,
    current,
    target,
    ready,
    starting: startingAgesSeconds.length,
    draining: input.draining,
    signals: seen(samples, nowMs, settings.staleAfterSeconds),
    votes,
    wanted,
    limits: settled,
    reason: reasonFor({ current, target, wanted, votes, limits, first }),
    dryRun: input.dryRun,
  };
}

/** When the in window began: with the last change, unless that was a step of a cut that a velocity paces. */
function windowBeganMs({ changes, settings }: DecideInput): number | undefined {
  const paced = settings.velocity.in.rules.length > 0;
  return changes.findLast(({ from, to }) => !paced || to > from)?.atMs;
}

/** The count stands as it was settled; what it is about is that fewer exist. */
function launchLimit(
  { heldLaunches: held }: DecideInput,
  target: number,
  existing: number,
): Limit | undefined {
  if (held === undefined) return undefined;
  const to = held.existing ?? existing;
  if (target <= to) return undefined;
  return { name: held.name, from: target, to, because: held.because, untilMs: held.untilMs };
}

function dryRunLimit(current: number, target: number): Limit {
  return {
    name: 'dry-run',
    from: target,
    to: current,
    because: `dry run: ${current} would become ${target}`,
  };
}

/** The decisions since the last time that none was made for long: before it nobody knows what was. */
function withoutGap(past: readonly Decision[], nowMs: number, intervalSeconds: number): readonly Decision[] {
  const longestMs = longestGapMs(intervalSeconds);
  let laterMs = nowMs;
  for (let i = past.length - 1; i >= 0; i -= 1) {
    // `as` holds: the loop stays inside the list.
    const atMs = (past[i] as Decision).decidedAtMs;
    if (laterMs - atMs > longestMs || atMs > laterMs) return past.slice(i + 1);
    laterMs = atMs;
  }
  return past;
}

function seen(samples: Samples, nowMs: number, staleAfterSeconds: number): Record<string, SeenSignal> {
  const signals: Record<string, SeenSignal> = {};
  for (const name of Object.keys(samples)) {
    // `as` holds: the name was just read from it.
    const sample = samples[name] as Samples[string];
    const ageSeconds = Math.max(0, (nowMs - sample.atMs) / 1_000);
    if (sample.kind === 'missing') signals[name] = { kind: 'missing', reason: sample.reason, ageSeconds };
    else
      signals[name] = {
        kind: ageSeconds > freshSeconds(sample, staleAfterSeconds) ? 'stale' : 'value',
        value: sample.value,
        ageSeconds,
      };
  }
  return signals;
}
