import type { BackendEntry } from '../backend-entry.ts';
import type { BreakerState } from './breaker.ts';

/**
 * How a backend stands now:
 * `starting`  not up yet: its source says so, nothing listens there, or it says itself that it is not ready;
 * `probing`   it answers, and has not embedded the canary texts yet;
 * `refused`   it embeds them unlike the others: gets nothing until it embeds alike, or an operator makes it the reference;
 * `serving`   gets work;
 * `ejected`   left alone for bad answers;
 * `half-open` one probe decides whether it is let back;
 * `draining`  gets no new work and finishes what it has.
 */
export type BackendState =
  | 'starting'
  | 'probing'
  | 'refused'
  | 'serving'
  | 'ejected'
  | 'half-open'
  | 'draining';

export interface BackendFacts {
  readonly listed: BackendEntry['state'];
  /** An operator drains it, or it left its source's list. */
  readonly drainRequested: boolean;
  /** It has embedded the canary texts as its model should. */
  readonly proven: boolean;
  /** It embeds them otherwise. */
  readonly refused: boolean;
  /** The last thing seen of it, if anything, is how a starting server looks. */
  readonly notUp: boolean;
  readonly breaker: BreakerState;
}

/** The state that follows from what is known; the first reason that holds wins. */
export function backendState(facts: BackendFacts): BackendState {
  if (facts.drainRequested || facts.listed === 'draining') return 'draining';
  if (facts.listed === 'starting' || (!facts.proven && !facts.refused && facts.notUp)) return 'starting';
  if (facts.refused) return 'refused';
  if (facts.breaker === 'open') return 'ejected';
  if (facts.breaker === 'half-open') return 'half-open';
  return facts.proven ? 'serving' : 'probing';
}

/** States in which nothing is sent, whatever happens. */
const OUT_OF_USE: ReadonlySet<BackendState> = new Set(['starting', 'draining', 'refused']);

/** Whether it can be tried when no other serves. */
export function isUsable({ state }: { readonly state: BackendState }): boolean {
  return !OUT_OF_USE.has(state);
}

/**
 * Which of these may get work now: the serving ones; when there is none, all that can be tried, because the last backends are never given
 * up: a failed try costs less than a refused caller.
 */
export function eligible<T extends { readonly state: BackendState }>(backends: readonly T[]): readonly T[] {
  const serving = backends.filter((backend) => backend.state === 'serving');
  if (serving.length > 0) return serving;
  return backends.filter(isUsable);
}
