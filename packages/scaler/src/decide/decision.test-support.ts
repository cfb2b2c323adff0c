import type { Peer, PolicyContext } from '../policies/policy-context.ts';
import type { Decision, SeenSignal } from '../values/decision.ts';
import { groupSettings } from '../values/group-settings.test-support.ts';
import type { Sample, Samples } from '../values/sample.ts';
import type { CountedVote, Vote } from '../values/vote.ts';
import type { DecideInput } from './decide.ts';

/** Monday, 5 January 2026, midnight UTC. */
export const NOW_MS: number = Date.UTC(2026, 0, 5);

export function sample(value: number, ageSeconds = 0): Sample {
  return { kind: 'value', value, atMs: NOW_MS - ageSeconds * 1_000 };
}

export function missing(reason = 'no answer'): Sample {
  return { kind: 'missing', reason, atMs: NOW_MS };
}

/** Fresh samples of these values. */
export function samples(values: Readonly<Record<string, number>>, atMs: number = NOW_MS): Samples {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { kind: 'value', value, atMs }]),
  );
}

export function policyContext(given: Partial<PolicyContext> = {}): PolicyContext {
  return {
    group: 'cpu',
    nowMs: NOW_MS,
    current: 4,
    min: 0,
    max: 10,
    ready: given.current ?? 4,
    startingAgesSeconds: [],
    startupSeconds: 60,
    classChunksPerSecond: 10,
    learnedChunksPerSecond: undefined,
    samples: {},
    staleAfterSeconds: 30,
    past: [],
    pricePerHour: 1,
    peers: [],
    ...given,
  };
}

export function peer(given: Partial<Peer> = {}): Peer {
  return {
    group: 'gpu',
    current: 1,
    min: 0,
    max: 10,
    chunksPerSecond: 10,
    pricePerHour: 1,
    ready: 1,
    readyInSeconds: [],
    ...given,
  };
}

export function decideInput(given: Partial<DecideInput> = {}): DecideInput {
  return {
    nowMs: NOW_MS,
    settings: groupSettings(),
    current: 4,
    ready: given.current ?? 4,
    startingAgesSeconds: [],
    draining: 0,
    samples: {},
    startupSeconds: 60,
    past: [],
    changes: [],
    manual: undefined,
    paused: { in: false, out: false },
    blocked: undefined,
    peers: [],
    dryRun: false,
    ...given,
  };
}

/** A decision of so many seconds before `NOW_MS`. */
export function decisionOf(secondsAgo: number, given: Partial<Decision> = {}): Decision {
  return {
    group: 'cpu',
    decidedAtMs: NOW_MS - secondsAgo * 1_000,
    current: 4,
    target: 4,
    ready: 4,
    starting: 0,
    draining: 0,
    signals: {},
    votes: [],
    wanted: 4,
    limits: [],
    reason: 'as before',
    dryRun: false,
    ...given,
  };
}

/** What was seen of these values at an earlier tick. */
export function seenValues(values: Readonly<Record<string, number>>): Record<string, SeenSignal> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { kind: 'value', value, ageSeconds: 0 }]),
  );
}

export function wish(replicas: number, given: Partial<Extract<Vote, { kind: 'wants' }>> = {}): Vote {
  return {
    kind: 'wants',
    policy: 'messages',
    replicas,
    order: replicas,
    tolerance: { out: 0, in: 0 },
    because: `${replicas} wanted`,
    ...given,
  };
}

export function counted(target: number, policy = 'messages'): CountedVote {
  return { vote: wish(target, { policy }), target };
}

export function silent(policy = 'cpu', lostSignal = true): CountedVote {
  return { vote: { kind: 'abstains', policy, because: 'cpu_percent is missing', lostSignal }, target: 4 };
}

/** Decisions every `everySeconds` for the last `seconds`, the oldest first; `votesAt` gets the seconds ago. */
export function pastVotes(
  seconds: number,
  votesAt: (secondsAgo: number) => readonly Vote[],
  everySeconds = 5,
): readonly Decision[] {
  const ticks = Math.floor(seconds / everySeconds);
  return Array.from({ length: ticks }, (_, i) => {
    const ago = (ticks - i) * everySeconds;
    return decisionOf(ago, { votes: votesAt(ago).map((vote) => ({ vote, target: 4 })) });
  });
}
