import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { startCannedServer } from './canned-server.test-support.ts';
import { queryPrometheus } from './prometheus-query.ts';

const signal = new AbortController().signal;
const AT_MS = 1_700_000_000_000;

async function ask(status: number, body: string) {
  await using server = await startCannedServer((_, response) => response.writeHead(status).end(body));
  const deadline = { clock: new ManualClock(AT_MS), timeoutMs: 1_000, signal };
  const sample = await queryPrometheus({ url: server.url, query: 'sum(up)' }, deadline);
  if (sample.kind === 'value') return sample;
  expect(sample.atMs).toBe(AT_MS);
  return sample.reason.replace(`${server.url}/api/v1/query `, '');
}

const success = (resultType: string, result: unknown) =>
  JSON.stringify({ status: 'success', data: { resultType, result } });
const series = (value: string) => ({ metric: { job: 'a' }, value: [1_435_781_430.781, value] });

it('sends the query and its headers', async () => {
  const seen: unknown[] = [];
  await using server = await startCannedServer(({ url = '', headers }, response) => {
    seen.push(new URL(url, 'http://a').pathname, new URL(url, 'http://a').searchParams.get('query'));
    seen.push(headers.authorization);
    response.end(success('scalar', [1, '2']));
  });
  const query = 'sum(rate(x{a="b+c&d"}[5m]))';
  const headers = { authorization: 'Bearer t' };
  const deadline = { clock: systemClock, timeoutMs: 3_000, signal };
  const sample = await queryPrometheus({ url: `${server.url}/prom/`, query, headers }, deadline);
  expect(sample).toEqual({ kind: 'value', value: 2, atMs: 1_000 });
  expect(seen).toEqual(['/prom/api/v1/query', query, 'Bearer t']);
});

it.each([
  ['a scalar', success('scalar', [1_435_781_430.781, '0.5']), 0.5],
  ['one series', success('vector', [series('1e3')]), 1_000],
])('reads %s', async (_, body, value) => {
  expect(await ask(200, body)).toEqual({ kind: 'value', value, atMs: 1_435_781_430_781 });
});

const NO_RESULT = 'answered something that is no query result';

it.each([
  ['nothing', 200, success('vector', []), 'has no series for sum(up)'],
  [
    'several series',
    200,
    success('vector', [series('1'), series('2')]),
    'has 2 series for sum(up): aggregate them to one, as sum(…) or max(…) do',
  ],
  ['NaN', 200, success('vector', [series('NaN')]), 'says sum(up) is NaN'],
  ['an infinity', 200, success('scalar', [1, '+Inf']), 'says sum(up) is +Inf'],
  ['a matrix', 200, success('matrix', []), 'answered a matrix to sum(up): it must be a scalar or one series'],
  [
    'a text',
    200,
    success('string', [1, 'a']),
    'answered a string to sum(up): it must be a scalar or one series',
  ],
  [
    'a refusal',
    400,
    JSON.stringify({ status: 'error', errorType: 'bad_data', error: 'parse error' }),
    'refused sum(up): parse error',
  ],
  ['a page', 200, '<html>', 'answered 200, but no JSON'],
  ['a page with a status', 502, '<html>', 'answered 502'],
  ['a result with a bad status', 500, success('scalar', [1, '2']), 'answered 500'],
  ['other JSON', 200, '[]', NO_RESULT],
  ['an error without words', 200, '{"status":"error"}', NO_RESULT],
  ['a success without data', 200, '{"status":"success"}', NO_RESULT],
  ['a histogram', 200, success('vector', [{ metric: {}, histogram: [1, {}] }]), NO_RESULT],
  ['a value that is none', 200, success('scalar', [1, 2]), NO_RESULT],
])('misses the sample on %s', async (_, status, body, reason) => {
  expect(await ask(status, body)).toBe(reason);
});
