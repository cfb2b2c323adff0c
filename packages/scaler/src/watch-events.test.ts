import { expect, it } from 'vitest';
import { AlarmWatch } from './alarms/alarm-watch.ts';
import { makeLogger } from './log.ts';
import { scalerMetrics } from './metrics.ts';
import { decision, NOW_MS } from './store/store-contract.test-support.ts';
import { watchEvents } from './watch-events.ts';

it('tells metrics how many replicas are in each state, and why those that ended did', async () => {
  const metrics = scalerMetrics();
  const alarms = new AlarmWatch([], NOW_MS);
  const watch = watchEvents({ log: makeLogger('silent'), metrics, alarms, notifierOf: () => undefined });
  const row = { group: 'default', launchedAtMs: NOW_MS - 90_000 };
  const rows = [
    { ...row, id: 'a', state: { kind: 'ready', readyAtMs: NOW_MS - 60_000 } },
    { ...row, id: 'b', state: { kind: 'launching' } },
  ] as const;
  watch({ kind: 'decided', decision: decision(), samples: {}, startupSeconds: 30, rows });
  watch({ kind: 'ended', group: 'default', id: 'c', cause: 'launch_timeout', because: 'it did not start' });
  watch({ kind: 'lost', group: 'default', ids: ['d', 'e'] });
  const lines = (await metrics.render()).body.split('\n');
  const seen = lines.filter((line) => /^forebay_scaler_replica(s|s_ended_total|_oldest_seconds){/.test(line));
  expect(seen.filter((line) => !line.endsWith(' 0')).toSorted()).toEqual([
    'forebay_scaler_replica_oldest_seconds{group="default",state="launching"} 90',
    'forebay_scaler_replica_oldest_seconds{group="default",state="ready"} 60',
    'forebay_scaler_replicas_ended_total{group="default",because="launch_timeout"} 1',
    'forebay_scaler_replicas_ended_total{group="default",because="lost"} 2',
    'forebay_scaler_replicas{group="default",state="launching"} 1',
    'forebay_scaler_replicas{group="default",state="ready"} 1',
  ]);
});
