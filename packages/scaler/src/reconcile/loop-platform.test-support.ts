import type { Clock } from '../clock.ts';
import type { Driver, ScaleOrder } from '../drivers/driver.ts';
import type { ObservedReplica } from '../values/replica.ts';

interface Existing {
  readonly launchedAtMs: number;
  /** Undefined: never ready. */
  readonly startupSeconds: number | undefined;
  readonly failed: boolean;
}

/** Which of a driver's two abilities it has: those of processes, of an Auto Scaling Group, of Swarm. */
export const ABILITIES = {
  names: { namesReplicas: true, choosesRemoved: true },
  chooses: { namesReplicas: false, choosesRemoved: true },
  counts: { namesReplicas: false, choosesRemoved: false },
} as const;

/**
 * What tests of the loop run on: one group, on a platform that a test changes while it runs (start-up times, lags, refusals, hosts that fall ill or
 * are recalled). It outlives the scalers that drive it. The fake of `drivers/` has groups, room and scripted calls, and keeps the whole driver contract.
 */
export class LoopPlatform {
  readonly #clock: Clock;
  #replicas: ReadonlyMap<string, Existing> = new Map();
  #sick: ReadonlySet<string> = new Set();
  #recalled: ReadonlyMap<string, number> = new Map();
  #chosen = 0;
  /** Of what is launched from now on; undefined: they never get ready. */
  startupSeconds: number | undefined = 20;
  /** What is launched shows in the list only so much later, as EC2's does. */
  listLagSeconds = 0;
  /** What is launched from now on fails at once. */
  launchesFail = false;
  /** Launches and ends that one order comes to before the platform breaks off. */
  mostPerOrder = Number.POSITIVE_INFINITY;
  /** Names of calls that are refused for now. */
  refused: ReadonlySet<'list' | 'scale'> = new Set();
  /** Every launch that took place, in order: an id twice is a replica launched twice. */
  readonly launched: string[] = [];
  /** Every order that was received, and when. */
  readonly orders: { readonly atMs: number; readonly order: ScaleOrder }[] = [];
  /** The most replicas that ever existed at once. */
  peak = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get ids(): readonly string[] {
    return [...this.#replicas.keys()];
  }

  driver(abilities: (typeof ABILITIES)[keyof typeof ABILITIES] = ABILITIES.names): Driver {
    return {
      name: 'fake',
      ...abilities,
      strangers: 'adopt',
      listGraceSeconds: 0,
      leastTickSeconds: 0,
      list: () => this.#answer('list', () => this.#list()),
      scale: (order) => this.#answer('scale', () => this.#carryOut(order, abilities), order),
      close: () => Promise.resolve(),
    };
  }

  /** Ends a replica that nobody asked to end. */
  kill(id: string): void {
    this.#replicas = new Map([...this.#replicas].filter(([each]) => each !== id));
  }

  /** Breaks a replica for good. */
  fail(id: string): void {
    this.#replicas = new Map(
      [...this.#replicas].map(([each, replica]) => [
        each,
        each === id ? { ...replica, failed: true } : replica,
      ]),
    );
  }

  /** It stops answering. */
  sicken(id: string): void {
    this.#sick = new Set([...this.#sick, id]);
  }

  /** The platform says that it is gone in so many seconds; it goes then. */
  recall(id: string, seconds: number): void {
    this.#recalled = new Map([...this.#recalled, [id, this.#clock.nowMs() + seconds * 1_000]]);
  }

  /** A replica of an earlier run of the scaler. */
  exists(id: string): void {
    this.#launch(id);
  }

  async #answer<T>(call: 'list' | 'scale', run: () => T, order?: ScaleOrder): Promise<T> {
    if (order !== undefined) this.orders.push({ atMs: this.#clock.nowMs(), order });
    if (this.refused.has(call)) throw new Error(`${call} is refused`);
    return run();
  }

  #list(): readonly ObservedReplica[] {
    const nowMs = this.#clock.nowMs();
    for (const [id, goneAtMs] of this.#recalled) if (nowMs >= goneAtMs) this.kill(id);
    return [...this.#replicas]
      .filter(([, { launchedAtMs }]) => nowMs >= launchedAtMs + this.listLagSeconds * 1_000)
      .map(([id, { launchedAtMs, startupSeconds, failed }]) => {
        const up = startupSeconds !== undefined && nowMs >= launchedAtMs + startupSeconds * 1_000;
        return {
          id,
          url: `http://${id}`,
          launchedAtMs,
          state: failed ? 'failed' : this.#sick.has(id) ? 'unhealthy' : up ? 'ready' : 'starting',
          ...this.#leaving(id),
        };
      });
  }

  #carryOut(
    order: ScaleOrder,
    { namesReplicas, choosesRemoved }: { namesReplicas: boolean; choosesRemoved: boolean },
  ) {
    const existing = this.ids.filter((id) => !order.remove.includes(id));
    const missing = Math.max(0, order.desired - existing.length);
    const launch = namesReplicas ? order.launch : Array.from({ length: missing }, () => `p${++this.#chosen}`);
    const surplus = choosesRemoved ? [] : existing.slice(order.desired);
    const steps = [
      ...order.remove.map((id) => () => this.kill(id)),
      ...launch.map((id) => () => this.#launch(id)),
      ...surplus.map((id) => () => this.kill(id)),
    ];
    for (const step of steps.slice(0, this.mostPerOrder)) step();
  }

  #leaving(id: string): Pick<ObservedReplica, 'leaving'> {
    const deadlineMs = this.#recalled.get(id);
    return deadlineMs === undefined ? {} : { leaving: { because: 'recalled', deadlineMs } };
  }

  #launch(id: string): void {
    if (this.#replicas.has(id)) return;
    const { startupSeconds, launchesFail: failed } = this;
    this.launched.push(id);
    this.#replicas = new Map([
      ...this.#replicas,
      [id, { launchedAtMs: this.#clock.nowMs(), startupSeconds, failed }],
    ]);
    this.peak = Math.max(this.peak, this.#replicas.size);
  }
}
