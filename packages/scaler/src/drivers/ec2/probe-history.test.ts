import { expect, it } from 'vitest';
import { afterProbe, type ProbeHistory, stateAfter } from './probe-history.ts';

// y: it answers, n: it doesn't; beside it the state after each probe.
it.each([
  ['nnnnn', 'sssss'],
  ['y', 'r'],
  ['ny', 'sr'],
  ['ynny', 'rrrr'],
  ['ynnn', 'rrru'],
  ['ynnnnny', 'rrruuur'],
  ['ynnnynnn', 'rrrurrru'],
])('makes of %s %s', (probes, states) => {
  let history: ProbeHistory = { kind: 'never-answered' };
  const seen = [...probes].map((each) => {
    history = afterProbe(history, each === 'y');
    return stateAfter(history, 3)[0];
  });
  expect(seen.join('')).toBe(states);
});

it('takes one failure for enough where that is asked', () => {
  expect(stateAfter({ kind: 'answered', failures: 1 }, 1)).toBe('unhealthy');
});
