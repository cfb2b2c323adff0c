import type { Decision, Limit, SeenSignal } from '../values/decision.ts';
import type { CountedVote } from '../values/vote.ts';

/** A moment as answers show it. */
export function isoTime(ms: number): string {
  // Beyond what a Date can hold nothing but a wrong clock or a caller's huge number comes.
  return new Date(Math.min(ms, 8.64e15)).toISOString();
}

/** A decision in the API's words. */
export function decisionRecord(decision: Decision): Readonly<Record<string, unknown>> {
  return {
    group: decision.group,
    scaling_needed: decision.target !== decision.current,
    current_instances: decision.current,
    target_instances: decision.target,
    ready_instances: decision.ready,
    starting_instances: decision.starting,
    draining_instances: decision.draining,
    wanted_instances: decision.wanted,
    reason: decision.reason,
    votes: decision.votes.map(voteRecord),
    limits: decision.limits.map(limitRecord),
    signals: Object.fromEntries(
      Object.entries(decision.signals).map(([name, signal]) => [name, signalRecord(signal)]),
    ),
    decided_at: isoTime(decision.decidedAtMs),
    dry_run: decision.dryRun,
  };
}

/** A vote in the API's words. */
export function voteRecord({ vote, target, held }: CountedVote): Readonly<Record<string, unknown>> {
  const { kind, policy, because } = vote;
  if (vote.kind === 'abstains') return { kind, policy, because, lost_signal: vote.lostSignal };
  const { replicas, order } = vote;
  return {
    kind,
    policy,
    replicas,
    order,
    target_instances: target,
    because,
    figures: vote.figures ?? {},
    held: held ? heldRecord(held) : null,
  };
}

function heldRecord({ by, because, untilMs }: NonNullable<CountedVote['held']>) {
  return { by, because, until: untilMs === undefined ? null : isoTime(untilMs) };
}

/** A limit in the API's words. */
export function limitRecord({ name, from, to, because, untilMs }: Limit): Readonly<Record<string, unknown>> {
  const until = untilMs === undefined || untilMs === Number.POSITIVE_INFINITY ? null : isoTime(untilMs);
  return { name, from, to, because, until };
}

function signalRecord(signal: SeenSignal) {
  const { kind, ageSeconds: age_seconds } = signal;
  return signal.kind === 'missing'
    ? { kind, reason: signal.reason, age_seconds }
    : { kind, value: signal.value, age_seconds };
}
