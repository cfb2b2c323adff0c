import { startSimulatedBackend } from '@forebay/testing';
import { expect, it } from 'vitest';
import { type Drive, drive } from './drive.ts';
import { prepareRequests } from './prepared-request.ts';
import type { Stream } from './workloads.ts';

const requests = prepareRequests([1, 2, 3]);
const closed: Stream = { name: 'closed', kind: 'closed', callers: 4, requests };
const open: Stream = { name: 'open', kind: 'open', perSecond: 200, requests };

function plan(urls: readonly string[], streams: readonly Stream[]): Drive {
  return {
    urls: urls.map((url) => new URL(url)),
    streams,
    warmUpMs: 50,
    countedMs: 200,
    workedChunks: async () => 0,
    onCounting: () => undefined,
    signal: AbortSignal.timeout(20_000),
  };
}

it('spreads requests over servers in turn and finds every answer right', async () => {
  await using one = await startSimulatedBackend({ aMs: 2 });
  await using two = await startSimulatedBackend({ aMs: 2 });
  const result = await drive(plan([one.djlUrl, two.djlUrl], [closed, open]));
  for (const stream of result.streams) {
    expect(stream.failures).toEqual(new Map());
    expect(stream.checked).toBeGreaterThan(10);
    expect(Math.min(...stream.latenciesMs)).toBeGreaterThan(1);
  }
  const answered = result.streams.reduce((sum, { answeredChunks }) => sum + answeredChunks, 0);
  expect(answered).toBe(one.counters.textsComputed + two.counters.textsComputed);
  expect(Math.abs(one.counters.requests - two.counters.requests)).toBeLessThanOrEqual(1);
});

it.each([
  ['wrong vectors', { kind: 'swapped' } as const, 'wrong vectors'],
  ['errors', { kind: 'error', error: 'queue-full' } as const, 'status 503'],
  ['resets', { kind: 'reset' } as const, 'read ECONNRESET'],
])('counts %s', async (_, fault, why) => {
  await using backend = await startSimulatedBackend();
  backend.setFault(fault);
  const several: Stream = { ...closed, requests: prepareRequests([2]) };
  const { streams } = await drive(plan([backend.djlUrl], [several]));
  expect(streams[0]?.failures.get(why)).toBeGreaterThan(0);
  expect(streams[0]?.answeredChunks).toBe(0);
});

it('counts what never gets an answer', async () => {
  await using backend = await startSimulatedBackend();
  backend.setFault({ kind: 'hang' });
  const { streams } = await drive(plan([backend.djlUrl], [open]));
  expect(streams[0]?.failures.get('no answer 1 s after the end')).toBeGreaterThan(10);
  expect(streams[0]?.latenciesMs).toEqual([]);
});
