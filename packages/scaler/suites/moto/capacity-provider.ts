import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  type CreateAutoScalingGroupCommandInput,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { CreateLaunchTemplateCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  DeregisterContainerInstanceCommand,
  ECSClient,
  RegisterContainerInstanceCommand,
} from '@aws-sdk/client-ecs';
import type { TaskHost, TaskHosts } from './ecs-control-plane.ts';

export interface CapacityProviderParts {
  readonly moto: { readonly endpoint: string; readonly region: string };
  readonly nowMs: () => number;
  readonly cluster: string;
  /** As the document has it; its launch template is made of the first override's instance type. */
  readonly group: CreateAutoScalingGroupCommandInput & { readonly AutoScalingGroupName: string };
  /** From the order for an instance to its place in the cluster. */
  readonly bootMs: number;
  /** How long an instance without a task is kept. */
  readonly keepMs: number;
}

/** What a capacity provider with managed scaling does, on an Auto Scaling group of moto: an instance for each task up to MaxSize, and none for long without one. */
export class CapacityProvider implements TaskHosts {
  readonly #parts: CapacityProviderParts;
  readonly #autoScaling: AutoScalingClient;
  readonly #ecs: ECSClient;
  readonly #emptySinceMs = new Map<string, number>();
  #hosts: readonly TaskHost[] = [];
  #most = 0;

  private constructor(parts: CapacityProviderParts) {
    this.#parts = parts;
    this.#autoScaling = new AutoScalingClient(parts.moto);
    this.#ecs = new ECSClient(parts.moto);
  }

  static async start(parts: CapacityProviderParts): Promise<CapacityProvider> {
    const { moto, group } = parts;
    const ec2 = new EC2Client(moto);
    const LaunchTemplateData = { ImageId: 'ami-12c6146b', InstanceType: 'c5.2xlarge' as const };
    const LaunchTemplateName = group.AutoScalingGroupName;
    await ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData }));
    ec2.destroy();
    const provider = new CapacityProvider(parts);
    await provider.#autoScaling.send(new CreateAutoScalingGroupCommand(group));
    return provider;
  }

  get hosts(): readonly TaskHost[] {
    return this.#hosts;
  }

  /** The most instances that there were at a time. */
  get most(): number {
    return this.#most;
  }

  async provide(tasks: number, busy: ReadonlySet<string>): Promise<readonly TaskHost[]> {
    const wanted = Math.min(this.#parts.group.MaxSize ?? 0, tasks);
    if (this.#hosts.length < wanted) await this.#launch(wanted);
    for (const host of this.#hosts) if (this.#isIdle(host, busy)) await this.end(host.instanceId);
    return this.#hosts;
  }

  /** Takes an instance away, as EC2 does at the end of an interruption and this provider when it is idle. */
  async end(InstanceId: string): Promise<void> {
    const host = this.#hosts.find(({ instanceId }) => instanceId === InstanceId);
    this.#hosts = this.#hosts.filter((each) => each !== host);
    await this.#autoScaling.send(
      new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity: true }),
    );
    const containerInstance = host?.containerInstanceArn;
    await this.#ecs.send(
      new DeregisterContainerInstanceCommand({
        cluster: this.#parts.cluster,
        containerInstance,
        force: true,
      }),
    );
  }

  close(): void {
    this.#autoScaling.destroy();
    this.#ecs.destroy();
  }

  async #launch(DesiredCapacity: number): Promise<void> {
    const { cluster, group, nowMs, bootMs } = this.#parts;
    const { AutoScalingGroupName } = group;
    await this.#autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity }));
    const { AutoScalingGroups } = await this.#autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [AutoScalingGroupName] }),
    );
    for (const { InstanceId: instanceId = '' } of AutoScalingGroups?.[0]?.Instances ?? []) {
      if (this.#hosts.some((host) => host.instanceId === instanceId)) continue;
      const { containerInstance } = await this.#ecs.send(
        new RegisterContainerInstanceCommand({
          cluster,
          instanceIdentityDocument: JSON.stringify({ instanceId }),
        }),
      );
      const containerInstanceArn = containerInstance?.containerInstanceArn ?? '';
      this.#hosts = [...this.#hosts, { instanceId, containerInstanceArn, upAtMs: nowMs() + bootMs }];
    }
    this.#most = Math.max(this.#most, this.#hosts.length);
  }

  #isIdle({ instanceId, upAtMs }: TaskHost, busy: ReadonlySet<string>): boolean {
    const nowMs = this.#parts.nowMs();
    const sinceMs = busy.has(instanceId)
      ? nowMs
      : (this.#emptySinceMs.get(instanceId) ?? Math.max(nowMs, upAtMs));
    this.#emptySinceMs.set(instanceId, sinceMs);
    return nowMs - sinceMs >= this.#parts.keepMs;
  }
}
