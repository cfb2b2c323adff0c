import type { Clock } from '../clock.ts';
import { ScalerError } from '../errors.ts';
import type { ObservedReplica } from '../values/replica.ts';
import type { ScaleOrder } from './driver.ts';

export interface FakePlatformOptions {
  readonly clock: Clock;
  /** From launch to the first answer. @default 0 */
  readonly startupMs?: number;
  /** How far a list is behind what is; see {@link FakePlatform.shown}. @default 0 */
  readonly lagMs?: number;
  /** Most replicas of all groups together. @default Infinity */
  readonly capacity?: number;
  /** Whether replicas have the ids of `launch`; else it names them itself and goes by `desired`. @default true */
  readonly namesReplicas?: boolean;
  /** Whether the replicas of `remove` go; else the youngest. @default true */
  readonly choosesRemoved?: boolean;
}

/** A replica as it is, whatever a list says. */
export interface FakeReplica {
  readonly group: string;
  readonly id: string;
  readonly launchedAtMs: number;
  readonly goneAtMs?: number;
  /** Set when it broke for good. */
  readonly failure?: string;
}

/**
 * Machines that exist in memory only and outlive drivers. Replicas take time to start, may break or vanish, and lists may lag.
 * What can't be launched for lack of room is refused after what could.
 */
export class FakePlatform {
  readonly options: Required<FakePlatformOptions>;
  #replicas: readonly FakeReplica[] = [];
  #named = 0;

  constructor(options: FakePlatformOptions) {
    this.options = {
      startupMs: 0,
      lagMs: 0,
      capacity: Number.POSITIVE_INFINITY,
      namesReplicas: true,
      choosesRemoved: true,
      ...options,
    };
  }

  /** All that exist now. */
  running(group?: string): readonly FakeReplica[] {
    return this.#replicas.filter((it) => it.goneAtMs === undefined && (group ?? it.group) === it.group);
  }

  /** All that ever were launched, so that a test can see whether an id was launched twice. */
  get history(): readonly FakeReplica[] {
    return this.#replicas;
  }

  /** What a list says: the state of `lagMs` ago. */
  shown(group: string): readonly ObservedReplica[] {
    const { clock, lagMs, startupMs } = this.options;
    const atMs = clock.nowMs() - lagMs;
    const existed = ({ launchedAtMs, goneAtMs }: FakeReplica) =>
      launchedAtMs <= atMs && (goneAtMs === undefined || goneAtMs > atMs);
    return this.#replicas
      .filter((replica) => replica.group === group && existed(replica))
      .map(({ id, launchedAtMs, failure }) => ({
        id,
        url: `http://${id}.fake:8080/predictions/all-MiniLM-L6-v2`,
        launchedAtMs,
        ...(failure === undefined
          ? { state: atMs - launchedAtMs >= startupMs ? ('ready' as const) : ('starting' as const) }
          : { state: 'failed' as const, note: failure }),
      }));
  }

  /** Throws `SCALER_DRIVER_CAPACITY` when there is no room for all. At most `limit` replicas are launched. */
  carryOut(order: ScaleOrder, limit: number = Number.POSITIVE_INFINITY): void {
    const { namesReplicas, choosesRemoved, capacity } = this.options;
    const present = this.running(order.group);
    const surplus = Math.max(0, present.length - order.desired);
    const leaving = choosesRemoved
      ? order.remove
      : present.slice(present.length - surplus).map(({ id }) => id);
    for (const id of leaving) this.vanish(id);
    const ids = namesReplicas
      ? order.launch.filter((id) => !order.remove.includes(id) && !this.running().some((it) => it.id === id))
      : this.#newIds(order.group, order.desired - this.running(order.group).length);
    for (const id of [...new Set(ids)].slice(0, limit)) {
      if (this.running().length >= capacity) {
        const message = `No room for replica "${id}": ${capacity} of ${capacity} exist`;
        throw new ScalerError('SCALER_DRIVER_CAPACITY', message, { retryable: true });
      }
      this.#add(order.group, id);
    }
  }

  /** It is gone at once, as by a crash or somebody's hand. */
  vanish(id: string): void {
    this.#change(id, { goneAtMs: this.options.clock.nowMs() });
  }

  /** It is broken for good and stays. */
  breakDown(id: string, failure: string): void {
    this.#change(id, { failure });
  }

  #newIds(group: string, count: number): readonly string[] {
    return Array.from({ length: Math.max(0, count) }, () => {
      this.#named += 1;
      return `${group}-${this.#named}`;
    });
  }

  #add(group: string, id: string): void {
    this.#replicas = [...this.#replicas, { group, id, launchedAtMs: this.options.clock.nowMs() }];
  }

  #change(id: string, change: Partial<FakeReplica>): void {
    this.#replicas = this.#replicas.map((it) =>
      it.id === id && it.goneAtMs === undefined ? { ...it, ...change } : it,
    );
  }
}
