import { describe, expect, it } from 'vitest';
import { type BackendFacts, type BackendState, backendState, eligible } from './backend-state.ts';

const facts = (given: Partial<BackendFacts> = {}): BackendFacts => ({
  listed: 'ready',
  drainRequested: false,
  proven: true,
  refused: false,
  notUp: false,
  breaker: 'closed',
  ...given,
});

describe('backendState', () => {
  it.each<[BackendState, Partial<BackendFacts>]>([
    ['serving', {}],
    ['probing', { proven: false }],
    ['starting', { proven: false, notUp: true }],
    ['serving', { notUp: true }],
    ['refused', { refused: true }],
    ['refused', { refused: true, proven: false, notUp: true }],
    ['refused', { refused: true, breaker: 'open' }],
    ['draining', { refused: true, drainRequested: true }],
    ['ejected', { breaker: 'open' }],
    ['ejected', { breaker: 'open', proven: false }],
    ['half-open', { breaker: 'half-open' }],
    ['starting', { listed: 'starting' }],
    ['starting', { listed: 'starting', breaker: 'open' }],
    ['draining', { listed: 'draining' }],
    ['draining', { drainRequested: true }],
    ['draining', { drainRequested: true, listed: 'starting' }],
    ['draining', { drainRequested: true, breaker: 'half-open' }],
  ])('is %s with %o', (state, given) => {
    expect(backendState(facts(given))).toBe(state);
  });
});

describe('eligible', () => {
  const of = (...states: readonly BackendState[]) =>
    eligible(states.map((state) => ({ state }))).map(({ state }) => state);

  it.each<[string, BackendState[], BackendState[]]>([
    ['takes the serving ones', ['serving', 'ejected', 'probing', 'serving'], ['serving', 'serving']],
    ['gives the last one work even when it is ejected', ['ejected', 'draining'], ['ejected']],
    [
      'gives unproven and half-open ones work when nobody serves',
      ['probing', 'half-open', 'starting'],
      ['probing', 'half-open'],
    ],
    ['never takes one that is starting or draining', ['starting', 'draining'], []],
    ['never takes one that was refused', ['refused', 'ejected'], ['ejected']],
    ['is empty without backends', [], []],
  ])('%s', (_fact, states, expected) => {
    expect(of(...states)).toEqual(expected);
  });
});
