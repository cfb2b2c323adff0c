import { ScalerError } from '../errors.ts';
import type { CountChange, Decision } from '../values/decision.ts';
import type {
  GroupState,
  Lease,
  ManualScale,
  Paused,
  Priority,
  Startup,
  Store,
  TickChange,
} from './store.ts';

const NOT_PAUSED: Paused = { in: false, out: false };

/** A store that forgets everything with the process: what a test hands on to the next scaler. */
export class MemoryStore implements Store {
  #groups = new Map<string, GroupState>();
  #decisions: Decision[] = [];
  #startups: readonly Startup[] = [];
  #priorities = new Map<string, Priority>();
  #override: unknown;
  #lease: { readonly holder: string; readonly epoch: number; readonly untilMs: number } = {
    holder: '',
    epoch: 0,
    untilMs: Number.NEGATIVE_INFINITY,
  };

  acquireLease(holder: string, nowMs: number, ttlMs: number): Lease {
    const { holder: held, untilMs, epoch } = this.#lease;
    if (held !== holder && untilMs > nowMs) return { kind: 'other', holder: held, untilMs };
    this.#lease = { holder, epoch: held === holder ? epoch : epoch + 1, untilMs: nowMs + ttlMs };
    return { kind: 'held', epoch: this.#lease.epoch, untilMs: this.#lease.untilMs };
  }

  releaseLease(holder: string): void {
    if (this.#lease.holder === holder) this.#lease = { ...this.#lease, untilMs: Number.NEGATIVE_INFINITY };
  }

  load(group: string): GroupState {
    return this.#groups.get(group) ?? { group, replicas: [], paused: NOT_PAUSED };
  }

  commit(epoch: number, { decision, desired, replicas, startups }: TickChange): void {
    if (epoch !== this.#lease.epoch)
      throw new ScalerError('SCALER_STORE', `epoch ${epoch} is over: ${this.#lease.epoch} writes now`);
    const { group, decidedAtMs: atMs, current: from, reason } = decision;
    const before = this.load(group);
    const changed = desired !== undefined && desired !== (before.desired ?? from);
    this.#groups.set(group, {
      ...before,
      ...(desired !== undefined && { desired }),
      replicas,
      ...(changed && { lastScaling: { group, atMs, from, to: desired, reason } }),
    });
    this.#decisions.push(decision);
    this.#startups = [...startups, ...this.#startups];
  }

  decisions(limit: number, group?: string): readonly Decision[] {
    return this.#decisions
      .filter((each) => group === undefined || each.group === group)
      .slice(-limit)
      .reverse();
  }

  decisionsSince(group: string, sinceMs: number): readonly Decision[] {
    return this.#decisions.filter((each) => each.group === group && each.decidedAtMs >= sinceMs);
  }

  changesSince(group: string, sinceMs: number): readonly CountChange[] {
    return this.decisionsSince(group, sinceMs)
      .filter(({ dryRun, current, target }) => !dryRun && current !== target)
      .map(({ decidedAtMs, current, target }) => ({ atMs: decidedAtMs, from: current, to: target }));
  }

  startups(group: string, limit: number): readonly Startup[] {
    return this.#startups.filter((each) => each.group === group).slice(0, limit);
  }

  setManual(group: string, manual: ManualScale | undefined): void {
    const { manual: _, ...state } = this.load(group);
    this.#groups.set(group, manual === undefined ? state : { ...state, manual });
  }

  setPaused(group: string, paused: Paused): void {
    this.#groups.set(group, { ...this.load(group), paused });
  }

  priorities(): readonly Priority[] {
    return [...this.#priorities.values()];
  }

  putPriority(priority: Priority): void {
    this.#priorities.set(priority.id, priority);
  }

  deletePriority(id: string): boolean {
    return this.#priorities.delete(id);
  }

  configOverride(): unknown {
    return this.#override;
  }

  setConfigOverride(override: unknown): void {
    this.#override = override;
  }

  close(): void {
    this.#groups.clear();
  }
}
