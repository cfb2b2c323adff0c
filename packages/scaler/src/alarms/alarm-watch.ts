import type { Sample, Samples } from '../values/sample.ts';
import type { AlarmChange, AlarmSettings, AlarmState } from './alarm.ts';
import { alarmTransition, alarmWindowMs } from './alarm-transition.ts';

/** Remembers what alarms need of past ticks. A restart forgets it: alarms then begin at INSUFFICIENT_DATA. */
export class AlarmWatch {
  #watched: readonly Watched[];

  constructor(alarms: readonly AlarmSettings[], nowMs: number) {
    const state: AlarmState = {
      name: 'INSUFFICIENT_DATA',
      sinceMs: nowMs,
      because: 'nothing was measured yet',
    };
    this.#watched = alarms.map((settings) => ({ settings, state, window: [] }));
  }

  /** Takes the samples of one group at one tick; answers which of its alarms changed. */
  observe(group: string, samples: Samples, nowMs: number): readonly AlarmChange[] {
    const changes: AlarmChange[] = [];
    this.#watched = this.#watched.map((watched) => {
      const { settings, state: before } = watched;
      if (settings.group !== group) return watched;
      const window = nextWindow(watched, samples[settings.signal], nowMs);
      const state = alarmTransition(before, window, settings, nowMs);
      if (state.name !== before.name) changes.push({ settings, from: before.name, state });
      return { settings, state, window };
    });
    return changes;
  }

  /** Every alarm with its state. */
  states(): readonly { readonly settings: AlarmSettings; readonly state: AlarmState }[] {
    return this.#watched.map(({ settings, state }) => ({ settings, state }));
  }
}

interface Watched {
  readonly settings: AlarmSettings;
  readonly state: AlarmState;
  readonly window: readonly Sample[];
}

/** With the newest sample, unless it was there at the last tick; without those too old, and those that a clock set back made future. */
function nextWindow(
  { settings, window }: Watched,
  sample: Sample | undefined,
  nowMs: number,
): readonly Sample[] {
  const kept = window.filter(({ atMs }) => atMs > nowMs - alarmWindowMs(settings) && atMs <= nowMs);
  return sample === undefined || kept.at(-1)?.atMs === sample.atMs ? kept : [...kept, sample];
}
