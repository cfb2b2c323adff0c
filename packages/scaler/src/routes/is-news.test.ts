import { expect, it } from 'vitest';
import type { ReplicaState } from '../values/replica.ts';
import type { ReplicaReport } from '../values/replica-report.ts';
import { isNews } from './is-news.ts';

const KINDS = ['ready', 'unhealthy', 'leaving'] as const;
const report = (kind: ReplicaReport['kind'], about = 'a'): ReplicaReport => ({
  kind,
  about,
  because: 'b',
  atMs: 0,
});

it.each<[ReplicaState['kind'] | undefined, readonly ReplicaReport['kind'][]]>([
  ['launching', ['ready', 'unhealthy', 'leaving']],
  ['ready', ['unhealthy', 'leaving']],
  ['draining', ['leaving']],
  ['unhealthy', ['ready']],
  ['terminating', []],
  ['terminated', []],
  [undefined, ['ready', 'unhealthy', 'leaving']],
])('is of a host that is %s: %j', (state, expected) => {
  expect(KINDS.filter((kind) => isNews(report(kind), state, []))).toEqual(expected);
});

it('is of a host that nobody knows only what it has not said before', () => {
  const before = [report('ready'), report('leaving', 'other')];
  expect(KINDS.filter((kind) => isNews(report(kind), undefined, before))).toEqual(['unhealthy', 'leaving']);
});
