import { expect, it } from 'vitest';
import {
  draining,
  launched,
  leaving,
  ready,
  starting,
  terminating,
  unhealthy,
} from './replica.test-support.ts';
import { replicaNews } from './replica-news.ts';

it.each([
  ['an order', [], [launched('a')], ['ordered']],
  ['one that was found', [], [starting('a')], []],
  ['a start', [starting('a')], [ready('a')], ['ready']],
  ['nothing', [ready('a')], [ready('a')], []],
  ['a drain', [ready('a')], [draining('a')], ['draining']],
  ['one taken back', [draining('a')], [ready('a')], ['taken-back']],
  ['illness', [ready('a')], [unhealthy('a')], ['unhealthy: no answer']],
  ['health', [unhealthy('a')], [ready('a')], ['ready']],
  ['a notice', [ready('a')], [leaving('a', 60)], ['leaving: spot interruption']],
  ['a notice said before', [leaving('a', 60)], [leaving('a', 50)], []],
  ['an end, which is told elsewhere', [ready('a')], [terminating(ready('a'))], []],
] as const)('tells of %s', (_, before, after, news) => {
  expect(
    replicaNews(before, after).map(({ kind, because }) =>
      because === undefined ? kind : `${kind}: ${because}`,
    ),
  ).toEqual(news);
});
