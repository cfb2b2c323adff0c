import { changesSeconds, decide, historySeconds } from '../decide/decide.ts';
import type { CountChange, Decision } from '../values/decision.ts';
import type { GroupSettings } from '../values/group-settings.ts';
import type { Samples } from '../values/sample.ts';
import type { Controller, NamedController, SimulatedState, SimulatedSystem } from './controller.ts';

/** A group's settings under simulation: the same `decide` as in the running scaler, on signals that the simulator can know. */
export function decidedController(name: string, settings: GroupSettings): NamedController {
  return { name, start: (system) => new DecidedController(settings, system) };
}

/** Signals that the simulator can know. */
export const SIMULATED_SIGNALS: readonly string[] = [
  'arrivals_per_second',
  'requests_per_second',
  'queued_chunks',
  'queue_oldest_seconds',
  'queued_work_seconds',
  'in_flight_chunks',
  'held_requests',
  'chunks_per_second_per_replica',
  'cpu_percent',
];

/** Simulated time begins here; any moment will do that a schedule can be read at. */
const START_MS = Date.UTC(2026, 0, 5);

/** While nothing runs, the first request shall not wait for a whole interval. */
const IDLE_INTERVAL_SECONDS = 1;

class DecidedController implements Controller {
  readonly #settings: GroupSettings;
  readonly #system: SimulatedSystem;
  readonly #historyMs: number;
  #past: Decision[] = [];
  #changes: readonly CountChange[] = [];
  #sinceTick = { arrived: 0, work: 0, seconds: 0 };
  #nextSecond = 0;

  constructor(settings: GroupSettings, system: SimulatedSystem) {
    const { min, initial, max, perReplica } = system;
    this.#settings = { ...settings, min, initial, max, chunksPerSecond: perReplica };
    this.#system = system;
    this.#historyMs = historySeconds(settings) * 1_000;
  }

  desired(state: SimulatedState): number {
    const tick = this.#sinceTick;
    this.#sinceTick = {
      arrived: tick.arrived + state.arrived,
      work: tick.work + state.utilization,
      seconds: tick.seconds + 1,
    };
    if (state.second < this.#nextSecond && state.desired > 0) return state.desired;
    const decision = this.#decide(state);
    this.#sinceTick = { arrived: 0, work: 0, seconds: 0 };
    this.#nextSecond =
      state.second + (decision.target === 0 ? IDLE_INTERVAL_SECONDS : this.#settings.intervalSeconds);
    return decision.target;
  }

  #decide(state: SimulatedState): Decision {
    const nowMs = START_MS + state.second * 1_000;
    const decision = decide({
      nowMs,
      settings: this.#settings,
      current: state.desired,
      ready: state.ready,
      startingAgesSeconds: state.startingAges,
      draining: 0,
      samples: this.#samples(state, nowMs),
      startupSeconds: this.#system.startupSeconds,
      past: this.#past,
      changes: this.#changes,
      manual: undefined,
      paused: { in: false, out: false },
      blocked: undefined,
      peers: [],
      dryRun: false,
    });
    this.#past.push(decision);
    const { current: from, target: to } = decision;
    if (from !== to) {
      const sinceMs = nowMs - changesSeconds(this.#settings) * 1_000;
      this.#changes = [...this.#changes.filter(({ atMs }) => atMs >= sinceMs), { atMs: nowMs, from, to }];
    }
    this.#forget(nowMs - this.#historyMs);
    return decision;
  }

  /** Drops what nobody looks back at, some at a time. */
  #forget(beforeMs: number): void {
    if (this.#past.length < 512) return;
    const kept = this.#past.findIndex(({ decidedAtMs }) => decidedAtMs >= beforeMs);
    if (kept > 256) this.#past = this.#past.slice(kept);
  }

  #samples(state: SimulatedState, atMs: number): Samples {
    const { arrived, work, seconds } = this.#sinceTick;
    const { perReplica } = this.#system;
    const value = (of: number) => ({ kind: 'value', value: of, atMs }) as const;
    const rate = arrived / Math.max(1, seconds);
    const speed = Math.max(1, state.ready) * perReplica;
    return {
      arrivals_per_second: value(rate),
      requests_per_second: value(rate),
      queued_chunks: value(state.queued),
      queue_oldest_seconds: value(state.oldestSeconds),
      queued_work_seconds: value(state.queued / speed),
      in_flight_chunks: value(state.served),
      held_requests: value(state.ready === 0 ? state.queued : 0),
      chunks_per_second_per_replica: value(perReplica),
      cpu_percent: value((100 * work) / Math.max(1, seconds)),
    };
  }
}
