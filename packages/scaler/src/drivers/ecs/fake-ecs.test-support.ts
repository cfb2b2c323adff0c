import type { ApplicationAutoScalingApi, ScalableTarget } from '../../aws/application-auto-scaling-api.ts';
import type { CloudWatchApi } from '../../aws/cloudwatch-api.ts';
import type { InstanceAddresses } from '../../aws/describe-instances.ts';
import type { EcsApi, Protected, ServiceName } from '../../aws/ecs-api.ts';
import type { EcsContainerInstance, EcsService, EcsTask } from '../../aws/ecs-wire.ts';
import type { Clock } from '../../clock.ts';
import { ScalerError } from '../../errors.ts';

/** A task of the fake. */
export type FakeTask = EcsTask & { readonly protectedUntilMs?: number };

interface FakeService {
  readonly desired: number;
  /** Of its newest deployment. */
  readonly revision: number;
  readonly events: EcsService['events'];
}

/**
 * A fake of ECS, EC2's addresses and Application Auto Scaling, for what moto can't do: services that start, replace and stop tasks, tasks
 * that stay pending, no room, task protection, throttling, calls that hang. It moves at `step` alone. On scale-in it takes the oldest ready tasks
 * that nobody protects, the worst choice, so that a test sees whether protection was asked for.
 */
export class FakeEcs implements EcsApi, InstanceAddresses, ApplicationAutoScalingApi {
  readonly #clock: Clock;
  readonly #services = new Map<string, FakeService>();
  #tasks: readonly FakeTask[] = [];
  #made = 0;
  /** Every call by its name. */
  readonly calls: string[] = [];
  /** Most tasks of all services. */
  room = Number.POSITIVE_INFINITY;
  /** New tasks stay as they are. */
  stuck = false;
  hasHealthCheck = false;
  targets: readonly ScalableTarget[] = [];
  containerInstances: readonly EcsContainerInstance[] = [];
  addresses: ReadonlyMap<string, string> = new Map();
  /** What a call meets instead of its answer, by its name. */
  faults: Readonly<Record<string, ScalerError | 'hangs'>> = {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  create(service: string, desired = 0): void {
    this.#services.set(service, { desired, revision: 1, events: [] });
  }

  /** A new deployment: as many new tasks as are desired, then the old ones go. */
  rollOut(service: string): void {
    const found = this.#service(service);
    this.#services.set(service, { ...found, revision: found.revision + 1 });
  }

  /** All that ever were. */
  get history(): readonly FakeTask[] {
    return this.#tasks;
  }

  get tasks(): readonly FakeTask[] {
    return this.#tasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED');
  }

  desired(service: string): number {
    return this.#services.get(service)?.desired ?? Number.NaN;
  }

  /** Changes tasks by hand, as AWS might. */
  change(which: (task: FakeTask) => boolean, change: Partial<FakeTask>): void {
    this.#tasks = this.#tasks.map((task) => (which(task) ? { ...task, ...change } : task));
  }

  /** A task as it is given, such as one on an instance. */
  place(task: FakeTask): void {
    this.#tasks = [...this.#tasks.filter(({ arn }) => arn !== task.arn), task];
  }

  /** The control plane does one thing for each service and task. */
  step(): void {
    this.#tasks = this.#tasks.map((task) => ({ ...task, lastStatus: this.#next(task) }));
    for (const service of this.#services.keys()) this.#reconcile(service);
  }

  async describeService({ service }: ServiceName, signal: AbortSignal): Promise<EcsService | undefined> {
    await this.#called('describeService', signal);
    const found = this.#services.get(service);
    if (found === undefined) return undefined;
    const { revision, ...says } = found;
    const outdated = Array.from({ length: revision - 1 }, (_, index) => `ecs-svc/${index + 1}`);
    return { name: service, status: 'ACTIVE', scheduling: 'REPLICA', outdated, ...says };
  }

  async listTasks(
    { service }: ServiceName,
    desired: string,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    await this.#called('listTasks', signal);
    return this.#of(service)
      .filter(({ desiredStatus }) => desiredStatus === desired)
      .map(({ arn }) => arn);
  }

  async describeTasks(_: string, arns: readonly string[], signal: AbortSignal): Promise<readonly EcsTask[]> {
    if (arns.length > 0) await this.#called('describeTasks', signal);
    return this.#tasks.filter(({ arn }) => arns.includes(arn));
  }

  async describeTaskDefinition(_: string, signal: AbortSignal) {
    await this.#called('describeTaskDefinition', signal);
    return { hasHealthCheck: this.hasHealthCheck, stopTimeoutSeconds: 120 };
  }

  async describeContainerInstances(_: string, arns: readonly string[], signal: AbortSignal) {
    if (arns.length > 0) await this.#called('describeContainerInstances', signal);
    return this.containerInstances.filter(({ arn }) => arns.includes(arn));
  }

  async setDesired({ service }: ServiceName, desired: number, signal: AbortSignal): Promise<void> {
    await this.#called('setDesired', signal);
    this.#services.set(service, { ...this.#service(service), desired });
  }

  async protections(_: string, arns: readonly string[], signal: AbortSignal) {
    await this.#called('protections', signal);
    return this.#tasks.flatMap(({ arn, protectedUntilMs = 0 }) =>
      arns.includes(arn) && protectedUntilMs > this.#clock.nowMs()
        ? [{ arn, untilMs: protectedUntilMs }]
        : [],
    );
  }

  async protect(
    _: string,
    arns: readonly string[],
    minutes: number,
    signal: AbortSignal,
  ): Promise<Protected> {
    if (arns.length === 0) return { set: [], failures: [] };
    await this.#called(minutes > 0 ? 'protect' : 'unprotect', signal);
    const untilMs = minutes > 0 ? this.#clock.nowMs() + minutes * 60_000 : 0;
    const able = arns.filter((arn) =>
      this.#tasks.some((task) => task.arn === arn && task.lastStatus === 'RUNNING'),
    );
    this.change(({ arn }) => able.includes(arn), { protectedUntilMs: untilMs });
    return {
      set: minutes > 0 ? able.map((arn) => ({ arn, untilMs })) : [],
      failures: arns.filter((arn) => !able.includes(arn)).map((arn) => ({ arn, reason: 'TASK_NOT_VALID' })),
    };
  }

  async stopTask(_: string, arn: string, __: string, signal: AbortSignal): Promise<void> {
    await this.#called('stopTask', signal);
    this.#stop((task) => task.arn === arn, 'UserInitiated');
  }

  async instanceAddresses(ids: readonly string[], signal: AbortSignal) {
    await this.#called('instanceAddresses', signal);
    return new Map(
      [...this.addresses]
        .filter(([id]) => ids.includes(id))
        .map(([id, privateIp]) => [id, { privateIp, state: 'running' }]),
    );
  }

  async ecsTargets(resourceId: string, signal: AbortSignal): Promise<readonly ScalableTarget[]> {
    await this.#called('ecsTargets', signal);
    return this.targets.filter((target) => target.resourceId === resourceId);
  }

  async close(): Promise<void> {
    // It holds nothing.
  }

  async #called(name: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.calls.push(name);
    const fault = this.faults[name] ?? this.faults['*'];
    if (fault === 'hangs')
      await new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      );
    if (fault instanceof ScalerError) throw fault;
  }

  #of(service: string): readonly FakeTask[] {
    return this.#tasks.filter(({ group }) => group === `service:${service}`);
  }

  #next({ lastStatus, desiredStatus }: FakeTask): string {
    if (desiredStatus === 'STOPPED') return lastStatus === 'RUNNING' ? 'DEACTIVATING' : 'STOPPED';
    if (this.stuck) return lastStatus;
    return lastStatus === 'PROVISIONING' ? 'PENDING' : 'RUNNING';
  }

  #reconcile(service: string): void {
    const { desired, revision } = this.#service(service);
    const counted = this.#of(service).filter(({ desiredStatus }) => desiredStatus === 'RUNNING');
    const current = counted.filter(({ startedBy }) => startedBy === `ecs-svc/${revision}`);
    for (let missing = desired - current.length; missing > 0; missing -= 1) {
      if (this.tasks.length < this.room) this.#start(service);
      else this.#say(service, 'was unable to place a task.');
    }
    // An unhealthy one is replaced whatever protects it.
    this.#stop(
      ({ arn, health }) => health === 'UNHEALTHY' && counted.some((task) => task.arn === arn),
      'ServiceSchedulerInitiated',
    );
    const serves = current.filter(({ lastStatus }) => lastStatus === 'RUNNING').length >= desired;
    const outdated = serves ? counted.filter((task) => !current.includes(task)) : [];
    const nowMs = this.#clock.nowMs();
    const isSpared = ({ protectedUntilMs = 0 }: FakeTask) => protectedUntilMs > nowMs;
    const surplus = current
      .filter((task) => !isSpared(task))
      .sort((a, b) => Number(b.lastStatus === 'RUNNING') - Number(a.lastStatus === 'RUNNING'))
      .slice(0, Math.max(0, current.length - desired));
    const leaving = new Set(
      [...outdated.filter((task) => !isSpared(task)), ...surplus].map(({ arn }) => arn),
    );
    this.#stop(({ arn }) => leaving.has(arn), 'ServiceSchedulerInitiated');
  }

  #service(service: string): FakeService {
    return this.#services.get(service) ?? { desired: 0, revision: 1, events: [] };
  }

  #say(service: string, what: string): void {
    const found = this.#service(service);
    const event = { atMs: this.#clock.nowMs(), message: `(service ${service}) ${what}` };
    this.#services.set(service, { ...found, events: [event, ...found.events] });
  }

  #start(service: string): void {
    this.#made += 1;
    const hex = this.#made.toString(16).padStart(32, '0');
    const task: FakeTask = {
      arn: `arn:aws:ecs:eu-west-1:123456789012:task/embed/${hex}`,
      group: `service:${service}`,
      lastStatus: 'PROVISIONING',
      desiredStatus: 'RUNNING',
      health: 'UNKNOWN',
      startedBy: `ecs-svc/${this.#service(service).revision}`,
      definitionArn: `arn:aws:ecs:eu-west-1:123456789012:task-definition/${service}:1`,
      createdAtMs: this.#clock.nowMs(),
      privateIp: `10.0.${Math.floor(this.#made / 250)}.${this.#made % 250}`,
      ports: [],
    };
    this.#tasks = [...this.#tasks, task];
  }

  #stop(which: (task: FakeTask) => boolean, stopCode: string): void {
    this.change((task) => which(task) && task.desiredStatus === 'RUNNING', {
      desiredStatus: 'STOPPED',
      stopCode,
      stoppingAtMs: this.#clock.nowMs(),
    });
  }
}

/** A CloudWatch that knows nothing. */
export const NO_METRICS: CloudWatchApi = {
  getMetrics: async (queries, atMs) => queries.map(() => ({ kind: 'missing', reason: 'a fake', atMs })),
  close: async () => undefined,
};
