import type { ScheduleSettings } from '../values/group-settings.ts';
import type { Vote } from '../values/vote.ts';
import type { PolicyContext } from './policy-context.ts';
import { wants } from './wants.ts';

type Window = ScheduleSettings['windows'][number];

/** The most replicas that a window around this moment asks for; outside all windows the group's minimum. */
export function schedule(settings: ScheduleSettings, { nowMs, min }: PolicyContext): Vote {
  const { name: policy, timeZone } = settings;
  const now = localTime(nowMs, timeZone);
  const open = settings.windows.filter((window) => covers(window, now));
  if (open.length === 0) {
    return wants(policy, min, `no window is open at ${clockTime(now.minute)} ${timeZone}`, {
      open_windows: 0,
    });
  }
  const replicas = Math.max(...open.map((window) => window.replicas));
  const because = `a window of ${replicas} is open at ${clockTime(now.minute)} ${timeZone}`;
  return wants(policy, replicas, because, { open_windows: open.length });
}

interface LocalTime {
  /** 0 is Sunday. */
  readonly day: number;
  readonly minute: number;
}

function covers({ days, fromMinute, toMinute }: Window, { day, minute }: LocalTime): boolean {
  const on = (weekday: number) => days.length === 0 || days.includes(weekday);
  if (fromMinute < toMinute) return on(day) && minute >= fromMinute && minute < toMinute;
  // Over midnight: the evening of its own day, or the morning of the day after.
  return (on(day) && minute >= fromMinute) || (on((day + 6) % 7) && minute < toMinute);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function localTime(nowMs: number, timeZone: string): LocalTime {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  formats.set(timeZone, format);
  const part = Object.fromEntries(format.formatToParts(nowMs).map(({ type, value }) => [type, value]));
  const day = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(part.weekday ?? '');
  return { day, minute: Number(part.hour) * 60 + Number(part.minute) };
}

function clockTime(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}
