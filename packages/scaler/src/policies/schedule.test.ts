import { expect, it } from 'vitest';
import { policyContext } from '../decide/decision.test-support.ts';
import type { ScheduleSettings } from '../values/group-settings.ts';
import { schedule } from './schedule.ts';

type Window = ScheduleSettings['windows'][number];

const MONDAY = 1;
const FRIDAY = 5;
const SUNDAY = 0;

function window(from: string, to: string, days: readonly number[] = [], replicas = 5): Window {
  const minute = (at: string) => Number(at.slice(0, 2)) * 60 + Number(at.slice(3));
  return { days, fromMinute: minute(from), toMinute: minute(to), replicas };
}

function replicasAt(iso: string, windows: readonly Window[], timeZone = 'UTC'): number {
  const settings: ScheduleSettings = { type: 'schedule', name: 'office', weight: 1, timeZone, windows };
  const vote = schedule(settings, policyContext({ nowMs: Date.parse(iso), min: 1 }));
  return vote.kind === 'wants' ? vote.replicas : Number.NaN;
}

const office = window('09:00', '17:00');
const night = window('22:00', '06:00', [FRIDAY]);
// Local clocks go from 02:00 to 03:00 on 29 March and from 03:00 back to 02:00 on 25 October 2026.
const lost = window('02:15', '02:45', [], 7);

it.each<[string, string, readonly Window[], string, number]>([
  ['opens with its first minute', '2026-01-05T09:00:00Z', [office], 'UTC', 5],
  ['is closed a second before', '2026-01-05T08:59:59Z', [office], 'UTC', 1],
  ['is open until its last second', '2026-01-05T16:59:59Z', [office], 'UTC', 5],
  ['is closed at its end', '2026-01-05T17:00:00Z', [office], 'UTC', 1],
  ['is open on its own days', '2026-01-05T10:00:00Z', [window('09:00', '17:00', [MONDAY])], 'UTC', 5],
  ['is closed on others', '2026-01-06T10:00:00Z', [window('09:00', '17:00', [MONDAY])], 'UTC', 1],
  ['over midnight: the evening of its day', '2026-01-09T23:00:00Z', [night], 'UTC', 5],
  ['over midnight: the morning after', '2026-01-10T05:59:00Z', [night], 'UTC', 5],
  ['over midnight: closed at its end', '2026-01-10T06:00:00Z', [night], 'UTC', 1],
  ['over midnight: not the morning of its day', '2026-01-09T05:00:00Z', [night], 'UTC', 1],
  ['over midnight: not the evening after', '2026-01-10T23:00:00Z', [night], 'UTC', 1],
  [
    'over midnight from Saturday to Sunday',
    '2026-01-11T01:00:00Z',
    [window('22:00', '06:00', [6])],
    'UTC',
    5,
  ],
  [
    'over midnight from Sunday to Monday',
    '2026-01-12T01:00:00Z',
    [window('22:00', '06:00', [SUNDAY])],
    'UTC',
    5,
  ],
  [
    'a whole day from midnight to midnight',
    '2026-01-05T23:59:00Z',
    [window('00:00', '00:00', [MONDAY])],
    'UTC',
    5,
  ],
  ['a whole day ends at midnight', '2026-01-06T00:00:00Z', [window('00:00', '00:00', [MONDAY])], 'UTC', 1],
  ['the largest of several', '2026-01-05T10:00:00Z', [office, window('08:00', '12:00', [], 8)], 'UTC', 8],
  [
    'less than the minimum may be asked for',
    '2026-01-05T10:00:00Z',
    [window('09:00', '17:00', [], 0)],
    'UTC',
    0,
  ],
  ['nine in Tokyo is midnight in Greenwich', '2026-01-05T00:00:00Z', [office], 'Asia/Tokyo', 5],
  [
    'Monday in Tokyo begins on Sunday',
    '2026-01-04T23:00:00Z',
    [window('08:00', '09:00', [MONDAY])],
    'Asia/Tokyo',
    5,
  ],
  ['nine in New York in winter', '2026-01-05T14:00:00Z', [office], 'America/New_York', 5],
  ['nine in New York in summer', '2026-07-06T13:00:00Z', [office], 'America/New_York', 5],
  ['eight in New York in summer', '2026-07-06T12:59:00Z', [office], 'America/New_York', 1],
  ['half an hour off', '2026-01-05T03:30:00Z', [office], 'Asia/Kolkata', 5],
  ['the hour that is left out in spring: never', '2026-03-29T00:59:00Z', [lost], 'Europe/Berlin', 1],
  ['the hour that is left out in spring: over', '2026-03-29T01:00:00Z', [lost], 'Europe/Berlin', 1],
  ['the hour that comes twice in autumn: once', '2026-10-25T00:30:00Z', [lost], 'Europe/Berlin', 7],
  ['the hour that comes twice in autumn: between', '2026-10-25T00:50:00Z', [lost], 'Europe/Berlin', 1],
  ['the hour that comes twice in autumn: again', '2026-10-25T01:30:00Z', [lost], 'Europe/Berlin', 7],
])('%s', (_, iso, windows, timeZone, replicas) => {
  expect(replicasAt(iso, windows, timeZone)).toBe(replicas);
});

it('names the local time', () => {
  const settings: ScheduleSettings = {
    type: 'schedule',
    name: 'office',
    weight: 1,
    timeZone: 'Asia/Tokyo',
    windows: [],
  };
  const nowMs = Date.parse('2026-01-05T00:05:00Z');
  expect(schedule(settings, policyContext({ nowMs, min: 1 }))).toMatchObject({
    replicas: 1,
    because: 'no window is open at 09:05 Asia/Tokyo',
  });
});
