import {
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  EC2Client,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RegisterContainerInstanceCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
  UpdateContainerInstancesStateCommand,
} from '@aws-sdk/client-ecs';

export const CLUSTER = 'embed';

/** Where moto is. */
interface Where {
  readonly endpoint: string;
  readonly region: string;
}

/**
 * The part of ECS that moto has not: services of its never start or stop a task, and forget a stopped one's place. Whenever `step` is called, each
 * service gets the tasks that its desired count asks for, by RunTask and StopTask under the service's name; on scale-in the oldest go.
 */
export class EcsOnMoto {
  readonly ecs: ECSClient;
  readonly #ec2: EC2Client;
  readonly #endpoint: string;
  #network = { subnets: [''], securityGroups: [''] };
  #services: readonly string[] = [];

  constructor({ endpoint, region }: Where) {
    this.#endpoint = endpoint;
    this.ecs = new ECSClient({ endpoint, region });
    this.#ec2 = new EC2Client({ endpoint, region });
  }

  /** A cluster with services on Fargate, without tasks. */
  async create(...services: readonly string[]): Promise<void> {
    // moto takes a running task one step towards its end each time it is described, unless told.
    await fetch(`${this.#endpoint}/moto-api/state-manager/set-transition`, {
      method: 'POST',
      body: JSON.stringify({ model_name: 'ecs::task', transition: { progression: 'manual', times: 1e9 } }),
    });
    const { Subnets } = await this.#ec2.send(new DescribeSubnetsCommand({}));
    const { SecurityGroups } = await this.#ec2.send(new DescribeSecurityGroupsCommand({}));
    this.#network = {
      subnets: [Subnets?.[0]?.SubnetId ?? ''],
      securityGroups: [SecurityGroups?.[0]?.GroupId ?? ''],
    };
    await this.ecs.send(new CreateClusterCommand({ clusterName: CLUSTER }));
    await this.#define('djl', 'awsvpc');
    await this.#define('worker', 'bridge');
    for (const serviceName of services) {
      const service = { cluster: CLUSTER, serviceName, taskDefinition: 'djl', desiredCount: 0 };
      await this.ecs.send(
        new CreateServiceCommand({
          ...service,
          launchType: 'FARGATE',
          schedulingStrategy: 'REPLICA',
          networkConfiguration: { awsvpcConfiguration: this.#network },
        }),
      );
    }
    this.#services = services;
  }

  /** What the service scheduler would do. */
  async step(): Promise<void> {
    for (const service of this.#services) {
      const { services } = await this.ecs.send(
        new DescribeServicesCommand({ cluster: CLUSTER, services: [service] }),
      );
      const desired = services?.[0]?.desiredCount ?? 0;
      const arns = await this.#tasksOf(service);
      if (arns.length < desired) await this.#run(service, desired - arns.length);
      for (const task of arns.slice(0, Math.max(0, arns.length - desired)))
        await this.ecs.send(new StopTaskCommand({ cluster: CLUSTER, task }));
    }
  }

  /** A task of the service on a new EC2 instance; resolves with what to call the instance, and how to drain it. */
  async runOnInstance(service: string): Promise<{ readonly instanceId: string; drain(): Promise<void> }> {
    const { Instances } = await this.#ec2.send(
      new RunInstancesCommand({ ImageId: 'ami-12345678', MinCount: 1, MaxCount: 1 }),
    );
    const instanceId = Instances?.[0]?.InstanceId ?? '';
    const { containerInstance } = await this.ecs.send(
      new RegisterContainerInstanceCommand({
        cluster: CLUSTER,
        instanceIdentityDocument: JSON.stringify({ instanceId }),
      }),
    );
    const group = `service:${service}`;
    await this.ecs.send(
      new RunTaskCommand({ cluster: CLUSTER, taskDefinition: 'worker', launchType: 'EC2', group }),
    );
    return {
      instanceId,
      drain: async () => {
        const containerInstances = [containerInstance?.containerInstanceArn ?? ''];
        const drained = { cluster: CLUSTER, containerInstances, status: 'DRAINING' } as const;
        await this.ecs.send(new UpdateContainerInstancesStateCommand(drained));
      },
    };
  }

  close(): void {
    this.ecs.destroy();
    this.#ec2.destroy();
  }

  async #define(family: string, networkMode: 'awsvpc' | 'bridge'): Promise<void> {
    const djl = { name: 'djl', image: 'djl', cpu: 256, memory: 512, essential: true };
    await this.ecs.send(
      new RegisterTaskDefinitionCommand({ family, networkMode, containerDefinitions: [djl] }),
    );
  }

  async #run(service: string, count: number): Promise<void> {
    await this.ecs.send(
      new RunTaskCommand({
        cluster: CLUSTER,
        taskDefinition: 'djl',
        launchType: 'FARGATE',
        group: `service:${service}`,
        networkConfiguration: { awsvpcConfiguration: this.#network },
        count,
      }),
    );
  }

  async #tasksOf(service: string): Promise<readonly string[]> {
    const { taskArns = [] } = await this.ecs.send(
      new ListTasksCommand({ cluster: CLUSTER, desiredStatus: 'RUNNING' }),
    );
    if (taskArns.length === 0) return [];
    const { tasks = [] } = await this.ecs.send(
      new DescribeTasksCommand({ cluster: CLUSTER, tasks: taskArns }),
    );
    return tasks.filter(({ group }) => group === `service:${service}`).map(({ taskArn = '' }) => taskArn);
  }
}
