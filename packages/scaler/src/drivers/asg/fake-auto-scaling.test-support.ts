import type {
  AutoScalingApi,
  AutoScalingGroup,
  GroupScaler,
  ScalingActivity,
} from '../../aws/auto-scaling-api.ts';
import type { InstanceAddress, InstanceAddresses } from '../../aws/describe-instances.ts';
import type { Clock } from '../../clock.ts';
import { ScalerError } from '../../errors.ts';

export interface FakeAutoScalingOptions {
  readonly clock: Clock;
  /** From launch to InService. @default 0 */
  readonly bootMs?: number;
  /** From an order to the instance that comes of it. @default 0 */
  readonly launchMs?: number;
  /** How long a lifecycle hook holds an instance in Terminating:Wait. @default 0 */
  readonly endMs?: number;
  /** How far answers are behind what is. @default 0 */
  readonly lagMs?: number;
  /** Most instances of all groups together: beyond it launches fail, as for a spot market that is empty. @default Infinity */
  readonly capacity?: number;
}

/** Settings of one group. */
export type FakeGroup = Omit<AutoScalingGroup, 'name' | 'instances' | 'desired'>;

interface FakeInstance {
  readonly id: string;
  readonly group: string;
  readonly launchedAtMs: number;
  readonly endedAtMs?: number;
  readonly protectedFromScaleIn: boolean;
  readonly healthy: boolean;
}

/**
 * A fake of EC2 Auto Scaling and EC2 in memory, for what no rig here can do: launches that take time or fail, MinSize and MaxSize that are
 * kept, lists that lag, lifecycle hooks, throttling, somebody else's policies. It chooses victims itself when its count is lowered, as AWS does.
 */
export class FakeAutoScaling implements AutoScalingApi, InstanceAddresses {
  readonly #options: Required<FakeAutoScalingOptions>;
  readonly #groups = new Map<string, FakeGroup>();
  /** Every count a group ever had, the newest last. */
  readonly #counts = new Map<string, { readonly atMs: number; readonly desired: number }[]>();
  readonly #activities = new Map<string, ScalingActivity[]>();
  #instances: readonly FakeInstance[] = [];
  /** Errors that the next calls meet. */
  readonly faults: ScalerError[] = [];
  /** From now on every call fails. */
  cutOff = false;
  foreign: readonly GroupScaler[] | ScalerError = [];
  /** The names of all calls, and their arguments. */
  readonly calls: string[] = [];
  /** How many ids each look-up of addresses had. */
  readonly lookups: number[] = [];

  constructor(options: FakeAutoScalingOptions) {
    this.#options = {
      bootMs: 0,
      launchMs: 0,
      endMs: 0,
      lagMs: 0,
      capacity: Number.POSITIVE_INFINITY,
      ...options,
    };
  }

  add(name: string, fields: Partial<FakeGroup> = {}): void {
    const before = this.#groups.get(name);
    const group = {
      minSize: 0,
      maxSize: 1_000,
      protectsNew: false,
      suspended: new Map(),
      ...before,
      ...fields,
    };
    this.#groups.set(name, group);
    if (before === undefined) this.#counts.set(name, [{ atMs: 0, desired: group.minSize }]);
  }

  change(id: string, fields: Partial<FakeInstance>): void {
    this.#instances = this.#instances.map((each) => (each.id === id ? { ...each, ...fields } : each));
  }

  /** The count as it is, whatever answers say. */
  desiredOf(name: string): number {
    return this.#counts.get(name)?.at(-1)?.desired ?? 0;
  }

  async group(name: string, signal: AbortSignal): Promise<AutoScalingGroup | undefined> {
    this.#call(`group ${name}`, signal);
    const group = this.#groups.get(name);
    if (group === undefined) return undefined;
    const { clock, lagMs } = this.#options;
    const atMs = clock.nowMs() - lagMs;
    const desired = this.#counts.get(name)?.findLast((count) => count.atMs <= atMs)?.desired ?? group.minSize;
    const instances = this.#instances
      .filter((each) => each.group === name && each.launchedAtMs <= atMs && !this.#isGone(each, atMs))
      .map((each) => ({ ...each, lifecycle: this.#lifecycle(each, atMs) }));
    return { ...group, name, desired, instances };
  }

  async setDesired(name: string, count: number, signal: AbortSignal): Promise<void> {
    this.#call(`setDesired ${name} ${count}`, signal);
    const { minSize, maxSize } = this.#groups.get(name) ?? { minSize: 0, maxSize: 0 };
    if (count < minSize || count > maxSize)
      throw new ScalerError(
        'SCALER_DRIVER_FAILED',
        `ValidationError: ${count} is outside ${minSize}-${maxSize}`,
      );
    this.#count(name, count);
    this.#meet(name);
  }

  async terminate(
    id: string,
    { decrement }: { readonly decrement: boolean },
    signal: AbortSignal,
  ): Promise<'accepted' | 'gone'> {
    this.#call(`terminate ${id}${decrement ? ' decrement' : ''}`, signal);
    const instance = this.#instances.find((each) => each.id === id);
    if (instance === undefined || instance.endedAtMs !== undefined) return 'gone';
    const { group } = instance;
    if (decrement) {
      const desired = this.desiredOf(group) - 1;
      if (desired < (this.#groups.get(group)?.minSize ?? 0))
        throw new ScalerError('SCALER_DRIVER_FAILED', `ValidationError: ${desired} is below MinSize`);
      this.#count(group, desired);
    }
    this.change(id, { endedAtMs: this.#options.clock.nowMs() });
    this.#meet(group);
    return 'accepted';
  }

  async activities(name: string, signal: AbortSignal): Promise<readonly ScalingActivity[]> {
    this.#call(`activities ${name}`, signal);
    const nowMs = this.#options.clock.nowMs();
    const isUnderWay = ({ group, launchedAtMs }: FakeInstance) => group === name && launchedAtMs > nowMs;
    const underWay = this.#instances.filter(isUnderWay).map(({ id }) => ({
      status: 'WaitingForInstanceId',
      startedAtMs: nowMs,
      description: `Launching a new EC2 instance: ${id}`,
      message: '',
    }));
    return [...underWay, ...(this.#activities.get(name) ?? []).toReversed()];
  }

  async scalers(name: string, signal: AbortSignal): Promise<readonly GroupScaler[]> {
    this.#call(`scalers ${name}`, signal);
    if (this.foreign instanceof ScalerError) throw this.foreign;
    return this.foreign;
  }

  async instanceAddresses(
    ids: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, InstanceAddress>> {
    this.#call('instanceAddresses', signal);
    this.lookups.push(ids.length);
    return new Map(
      this.#instances
        .filter(({ id }) => ids.includes(id))
        .map(({ id, launchedAtMs }, index) => [
          id,
          {
            privateIp: `10.0.${index >> 8}.${index & 255}`,
            state: 'running',
            launchedAtMs,
            lifecycle: 'spot',
          },
        ]),
    );
  }

  async close(): Promise<void> {
    // Outlives its drivers.
  }

  #call(what: string, signal: AbortSignal): void {
    this.calls.push(what);
    if (signal.aborted)
      throw new ScalerError('SCALER_DRIVER_FAILED', `${what}: given up`, { retryable: true });
    if (this.cutOff)
      throw new ScalerError('SCALER_DRIVER_FAILED', `${what}: unreachable`, { retryable: true });
    const fault = this.faults.shift();
    if (fault !== undefined) throw fault;
  }

  #count(name: string, desired: number): void {
    this.#counts.get(name)?.push({ atMs: this.#options.clock.nowMs(), desired });
  }

  /** Launches what is missing; ends the oldest of what is too much. */
  #meet(name: string): void {
    const { clock, launchMs, capacity } = this.#options;
    const nowMs = clock.nowMs();
    const living = () => this.#instances.filter((each) => each.endedAtMs === undefined);
    const own = () => living().filter((each) => each.group === name);
    const desired = this.desiredOf(name);
    for (const { id } of own().slice(0, Math.max(0, own().length - desired)))
      this.change(id, { endedAtMs: nowMs });
    while (own().length < desired && !this.#groups.get(name)?.suspended.has('Launch')) {
      if (living().length >= capacity) {
        this.#activities.set(name, [
          ...(this.#activities.get(name) ?? []),
          {
            status: 'Failed',
            startedAtMs: nowMs,
            description: 'Launching a new EC2 instance',
            message: 'Could not launch Spot Instances. InsufficientInstanceCapacity',
          },
        ]);
        return;
      }
      launched += 1;
      this.#instances = [
        ...this.#instances,
        {
          id: `i-${String(launched).padStart(17, '0')}`,
          group: name,
          launchedAtMs: nowMs + launchMs,
          protectedFromScaleIn: this.#groups.get(name)?.protectsNew ?? false,
          healthy: true,
        },
      ];
    }
  }

  #isGone({ endedAtMs }: FakeInstance, atMs: number): boolean {
    return endedAtMs !== undefined && endedAtMs + this.#options.endMs <= atMs;
  }

  #lifecycle({ launchedAtMs, endedAtMs }: FakeInstance, atMs: number): string {
    if (endedAtMs !== undefined && endedAtMs <= atMs) return 'Terminating:Wait';
    return launchedAtMs + this.#options.bootMs <= atMs ? 'InService' : 'Pending';
  }
}

/** Ids are unique for ever. */
let launched = 0;
