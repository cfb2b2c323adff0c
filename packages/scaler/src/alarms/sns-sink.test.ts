import { expect, it } from 'vitest';
import { ScalerError } from '../errors.ts';
import { type AlarmChange, type AlarmStateName, highCpuAlarm } from './alarm.ts';
import { snsSink } from './sns-sink.ts';

const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:hot';
const live = new AbortController().signal;

function change(from: AlarmStateName, name: AlarmStateName, group = 'small'): AlarmChange {
  return {
    settings: highCpuAlarm(group),
    from,
    state: { name, sinceMs: 1_800_000_000_000, because: 'it is hot' },
  };
}

/** Stands for SNS and remembers what was published; fails with `error` where there is one. */
function sinkOver(error?: Error) {
  const published: { readonly subject: string; readonly message: string }[] = [];
  const sink = snsSink(TOPIC, {
    async publish(_topic, note) {
      if (error !== undefined) throw error;
      published.push(note);
    },
    close: async () => undefined,
  });
  return { sink, published };
}

it('publishes the record under a subject of at most 100 characters', async () => {
  const { sink, published } = sinkOver();
  expect(await sink.send(change('OK', 'ALARM'), live)).toEqual({ kind: 'sent' });
  expect(published[0]?.subject).toBe('ALARM: small-high-cpu of group small');
  expect(JSON.parse(published[0]?.message ?? '')).toMatchObject({ alarm: 'small-high-cpu', state: 'ALARM' });
  await sink.send(change('OK', 'ALARM', 'g'.repeat(63)), live);
  expect(published[1]?.subject).toMatch(/^ALARM: g+-high-cpu of group g+\.\.\.$/);
  expect(published[1]?.subject).toHaveLength(100);
});

it.each([
  ['OK', 'ALARM', true],
  ['ALARM', 'OK', true],
  ['ALARM', 'INSUFFICIENT_DATA', true],
  ['INSUFFICIENT_DATA', 'OK', false],
  ['OK', 'INSUFFICIENT_DATA', false],
] as const)('from %s to %s: wanted is %s', (from, to, wanted) => {
  expect(sinkOver().sink.wants(change(from, to))).toBe(wanted);
});

it.each([
  ['what passes', new ScalerError('SCALER_DRIVER_THROTTLED', 'too many', { retryable: true }), true],
  ['a refusal', new ScalerError('SCALER_DRIVER_FAILED', 'AuthorizationError'), false],
])('says whether %s is worth another try', async (_name, error, isWorthRetrying) => {
  expect(await sinkOver(error).sink.send(change('OK', 'ALARM'), live)).toEqual({
    kind: 'failed',
    problem: error.message,
    isWorthRetrying,
  });
});
