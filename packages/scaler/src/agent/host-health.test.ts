import { expect, it } from 'vitest';
import { type HostHealth, nextHealth, type ProbeOutcome } from './host-health.ts';

const OPTIONS = { toleratedSilences: 3, startSeconds: 600 };
const well: ProbeOutcome = { kind: 'well' };
const unwell: ProbeOutcome = { kind: 'unwell', because: 'it answered 500' };
const silent: ProbeOutcome = { kind: 'silent', because: 'no answer' };
const starting: HostHealth = { kind: 'starting', sinceMs: 0 };
const unhealthy: HostHealth = { kind: 'unhealthy', because: 'before' };
const ready = (silences: number): HostHealth => ({ kind: 'ready', silences });

it.each<[HostHealth, ProbeOutcome, number, HostHealth]>([
  [starting, well, 0, ready(0)],
  [starting, unwell, 599_999, starting],
  [starting, silent, 599_999, starting],
  [starting, silent, 600_000, { kind: 'unhealthy', because: 'it was not well within 600 s: no answer' }],
  [ready(2), well, 0, ready(0)],
  [ready(0), silent, 0, ready(1)],
  [ready(1), silent, 0, ready(2)],
  [ready(2), silent, 0, { kind: 'unhealthy', because: '3 times in a row no answer' }],
  [ready(0), unwell, 0, { kind: 'unhealthy', because: 'it answered 500' }],
  [unhealthy, silent, 0, unhealthy],
  [unhealthy, unwell, 0, unhealthy],
  [unhealthy, well, 0, ready(0)],
])('from %j with %j at %d ms becomes %j', (health, outcome, nowMs, expected) => {
  expect(nextHealth(health, outcome, OPTIONS, nowMs)).toEqual(expected);
});
