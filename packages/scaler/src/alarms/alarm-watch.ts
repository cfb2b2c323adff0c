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
      const { settings } = watched;
      if (settings.group !== group) return watched;
      const known = current(watched.window, settings, nowMs);
      const window = withNewest(known, samples[settings.signal]);
      // Another scaler may have acted so long: what rings now may not be what rang then.
      const isOver = watched.state.name === 'ALARM' && known.length === 0;
      let { state } = watched;
      for (const seen of isOver ? [known, window] : [window]) {
        const from = state.name;
        state = alarmTransition(state, seen, settings, nowMs);
        if (state.name !== from) changes.push({ settings, from, state });
      }
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

/** Without samples that are too old, and those that a clock set back made future. */
function current(window: readonly Sample[], settings: AlarmSettings, nowMs: number): readonly Sample[] {
  return window.filter(({ atMs }) => atMs > nowMs - alarmWindowMs(settings) && atMs <= nowMs);
}

/** With the newest sample, unless it was there at the last tick. */
function withNewest(window: readonly Sample[], sample: Sample | undefined): readonly Sample[] {
  return sample === undefined || window.at(-1)?.atMs === sample.atMs ? window : [...window, sample];
}
