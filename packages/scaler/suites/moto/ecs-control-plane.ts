import { DescribeSecurityGroupsCommand, DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  RunTaskCommand,
  StartTaskCommand,
  StopTaskCommand,
} from '@aws-sdk/client-ecs';
import { EcsFront, type TaskStanding } from './ecs-front.ts';

/** A host that takes one task, as `distinctInstance` has it. */
export interface TaskHost {
  readonly instanceId: string;
  readonly containerInstanceArn: string;
  /** When it has booted and joined the cluster. */
  readonly upAtMs: number;
}

/** Who brings hosts for tasks: a capacity provider. */
export interface TaskHosts {
  /** Called with how many tasks there shall be; resolves with the hosts that there are. */
  provide(tasks: number, busy: ReadonlySet<string>): Promise<readonly TaskHost[]>;
}

export interface ControlPlaneParts {
  readonly moto: { readonly endpoint: string; readonly region: string };
  readonly nowMs: () => number;
  readonly cluster: string;
  readonly service: string;
  /** As the document has it. */
  readonly definition: RegisterTaskDefinitionCommandInput;
  /** From a task's place to its readiness. */
  readonly startupMs: number;
  /** Absent: Fargate. */
  readonly hosts?: TaskHosts;
}

/** A task that was started and not stopped. */
export interface LiveTask {
  readonly arn: string;
  /** When it has a place: Fargate's at once. */
  readonly placedAtMs: number;
  readonly host?: TaskHost;
}

/**
 * The service scheduler that moto has not, for one service: at each `step` it starts the tasks that the desired count asks for, and stops, of those that are
 * not protected, the oldest. They are tasks of moto; how far each is on its way the front says.
 */
export class EcsControlPlane implements AsyncDisposable {
  readonly #parts: ControlPlaneParts;
  readonly #ecs: ECSClient;
  readonly #front: EcsFront;
  #network = { subnets: [''], securityGroups: [''] };
  #desired = 0;
  #tasks: readonly LiveTask[] = [];

  private constructor(parts: ControlPlaneParts, front: EcsFront) {
    this.#parts = parts;
    this.#front = front;
    this.#ecs = new ECSClient(parts.moto);
  }

  /** Makes cluster, task definition and service; `desired` tasks run at once. */
  static async start(parts: ControlPlaneParts, desired: number): Promise<EcsControlPlane> {
    const plane: EcsControlPlane = new EcsControlPlane(
      parts,
      await EcsFront.start({
        target: parts.moto.endpoint,
        nowMs: parts.nowMs,
        standingOf: (arn) => plane.#standingOf(arn),
        onCall: (action, request) => plane.#hear(action, request),
      }),
    );
    await plane.#create(desired);
    return plane;
  }

  /** All of moto, and this. */
  get endpoint(): string {
    return this.#front.url;
  }

  /** The service's count, as it was last set. */
  get desired(): number {
    return this.#desired;
  }

  get tasks(): readonly LiveTask[] {
    return this.#tasks;
  }

  /** Those that do work. */
  get running(): readonly LiveTask[] {
    return this.#tasks.filter(({ arn }) => this.#standingOf(arn).lastStatus === 'RUNNING');
  }

  isProtected(arn: string): boolean {
    return this.#front.isProtected(arn);
  }

  /** As a task does for itself. */
  protect(arn: string, minutes: number): void {
    this.#front.protect(arn, minutes);
  }

  async step(): Promise<void> {
    const { hosts } = this.#parts;
    const surplus = this.#tasks.length - this.#desired;
    for (const { arn } of this.#tasks
      .filter(({ arn }) => !this.isProtected(arn))
      .slice(0, Math.max(0, surplus)))
      await this.stop(arn, 'scale-in');
    if (hosts === undefined) {
      while (this.#tasks.length < this.#desired) await this.#runOnFargate();
      return;
    }
    const busy = new Set(this.#tasks.flatMap(({ host }) => host?.instanceId ?? []));
    const there = await hosts.provide(Math.max(this.#desired, this.#tasks.length), busy);
    const free = there.filter(({ instanceId }) => !busy.has(instanceId));
    for (const host of free.slice(0, Math.max(0, this.#desired - this.#tasks.length)))
      await this.#runOn(host);
  }

  /** Ends a task for good. */
  async stop(arn: string, reason: string): Promise<void> {
    const { cluster } = this.#parts;
    await this.#ecs.send(new StopTaskCommand({ cluster, task: arn, reason }));
    this.#forget(arn);
  }

  async [Symbol.asyncDispose]() {
    this.#ecs.destroy();
    await this.#front[Symbol.asyncDispose]();
  }

  async #create(desiredCount: number): Promise<void> {
    const { moto, cluster, service, definition, hosts } = this.#parts;
    // moto takes a running task one step towards its end each time it is described, unless told.
    await fetch(`${moto.endpoint}/moto-api/state-manager/set-transition`, {
      method: 'POST',
      body: JSON.stringify({ model_name: 'ecs::task', transition: { progression: 'manual', times: 1e9 } }),
    });
    const ec2 = new EC2Client(moto);
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}));
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({}));
    ec2.destroy();
    const subnets = [Subnets?.[0]?.SubnetId ?? ''];
    this.#network = { subnets, securityGroups: [SecurityGroups?.[0]?.GroupId ?? ''] };
    await this.#ecs.send(new CreateClusterCommand({ clusterName: cluster }));
    await this.#ecs.send(new RegisterTaskDefinitionCommand(definition));
    const own =
      hosts === undefined
        ? { launchType: 'FARGATE' as const, networkConfiguration: { awsvpcConfiguration: this.#network } }
        : { launchType: 'EC2' as const };
    const taskDefinition = definition.family;
    await this.#ecs.send(
      new CreateServiceCommand({ cluster, serviceName: service, taskDefinition, desiredCount, ...own }),
    );
    this.#desired = desiredCount;
    await this.step();
  }

  async #runOnFargate(): Promise<void> {
    const { cluster, service, definition, nowMs } = this.#parts;
    const { tasks = [] } = await this.#ecs.send(
      new RunTaskCommand({
        cluster,
        taskDefinition: definition.family,
        launchType: 'FARGATE',
        group: `service:${service}`,
        networkConfiguration: { awsvpcConfiguration: this.#network },
      }),
    );
    this.#tasks = [...this.#tasks, { arn: tasks[0]?.taskArn ?? '', placedAtMs: nowMs() }];
  }

  async #runOn(host: TaskHost): Promise<void> {
    const { cluster, service, definition, nowMs } = this.#parts;
    const { tasks = [] } = await this.#ecs.send(
      new StartTaskCommand({
        cluster,
        taskDefinition: definition.family,
        containerInstances: [host.containerInstanceArn],
        group: `service:${service}`,
      }),
    );
    const placedAtMs = Math.max(nowMs(), host.upAtMs);
    this.#tasks = [...this.#tasks, { arn: tasks[0]?.taskArn ?? '', placedAtMs, host }];
  }

  #standingOf(arn: string): TaskStanding {
    const task = this.#tasks.find((each) => each.arn === arn);
    if (task === undefined) return {};
    const { nowMs, startupMs } = this.#parts;
    if (nowMs() < task.placedAtMs) return { lastStatus: 'PROVISIONING', healthStatus: 'UNKNOWN' };
    if (nowMs() < task.placedAtMs + startupMs) return { lastStatus: 'PENDING', healthStatus: 'UNKNOWN' };
    return { lastStatus: 'RUNNING', healthStatus: 'HEALTHY' };
  }

  #hear(action: string, request: Readonly<Record<string, unknown>>): void {
    if (action === 'UpdateService') this.#desired = Number(request.desiredCount);
    if (action === 'StopTask') this.#forget(String(request.task));
  }

  #forget(arn: string): void {
    this.#tasks = this.#tasks.filter((task) => task.arn !== arn);
  }
}
