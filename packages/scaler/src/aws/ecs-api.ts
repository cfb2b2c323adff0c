import { type AwsSettings, clientConfig } from './aws-settings.ts';
import {
  containerInstancesSchema,
  type EcsContainerInstance,
  type EcsProtection,
  type EcsService,
  type EcsTask,
  type EcsTaskDefinition,
  protectionFailuresSchema,
  protectionsSchema,
  servicesSchema,
  taskDefinitionSchema,
  tasksSchema,
} from './ecs-wire.ts';
import { LazyClient } from './lazy-client.ts';

/** Which service. */
export interface ServiceName {
  /** Name or ARN. */
  readonly cluster: string;
  readonly service: string;
}

/** What became of an order to protect or to release tasks. */
export interface Protected {
  /** Those that are protected now. */
  readonly set: readonly EcsProtection[];
  readonly failures: readonly { readonly arn: string; readonly reason: string }[];
}

/** What we ask of ECS. Lists come whole; calls reject with a `ScalerError`, at the latest when `signal` aborts. */
export interface EcsApi {
  /** Undefined where there is none, or where it was deleted. */
  describeService(of: ServiceName, signal: AbortSignal): Promise<EcsService | undefined>;
  /** ARNs of the service's tasks that shall run, or that shall not any more (those of about an hour). */
  listTasks(of: ServiceName, desired: 'RUNNING' | 'STOPPED', signal: AbortSignal): Promise<readonly string[]>;
  /** Tasks that are gone meanwhile are left out. */
  describeTasks(cluster: string, arns: readonly string[], signal: AbortSignal): Promise<readonly EcsTask[]>;
  describeTaskDefinition(arn: string, signal: AbortSignal): Promise<EcsTaskDefinition>;
  describeContainerInstances(
    cluster: string,
    arns: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly EcsContainerInstance[]>;
  setDesired(of: ServiceName, count: number, signal: AbortSignal): Promise<void>;
  /** Protections that hold; tasks without one are left out. */
  protections(
    cluster: string,
    arns: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly EcsProtection[]>;
  /** Protects for so many minutes (1 to 2,880), or releases with 0; resolves with what became of each. */
  protect(cluster: string, arns: readonly string[], minutes: number, signal: AbortSignal): Promise<Protected>;
  /** One that has stopped or is gone is no error. */
  stopTask(cluster: string, arn: string, reason: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** The owner of the SDK for ECS. */
export function openEcsApi(settings: AwsSettings): EcsApi {
  const ecs = new LazyClient(async () => {
    const { ECSClient, ...commands } = await import('@aws-sdk/client-ecs');
    return { ...commands, client: new ECSClient(clientConfig(settings)) };
  });

  return {
    describeService: ({ cluster, service }, signal) =>
      ecs.call(`describing ECS service ${cluster}/${service}`, signal, async (sdk) => {
        const command = new sdk.DescribeServicesCommand({ cluster, services: [service] });
        const { services } = await sdk.client.send(command, { abortSignal: signal });
        return servicesSchema.parse(services ?? []).find(({ status }) => status !== 'INACTIVE');
      }),
    listTasks: ({ cluster, service }, desiredStatus, signal) =>
      ecs.call(`listing tasks of ECS service ${cluster}/${service}`, signal, async (sdk) => {
        const of = { cluster, serviceName: service, desiredStatus };
        const config = { client: sdk.client, pageSize: 100 };
        const arns: string[] = [];
        for await (const page of sdk.paginateListTasks(config, of, { abortSignal: signal }))
          arns.push(...(page.taskArns ?? []));
        return arns;
      }),
    describeTasks: (cluster, arns, signal) =>
      inParts(arns, 100, (tasks) =>
        ecs.call(`describing ${tasks.length} ECS task(s) in ${cluster}`, signal, async (sdk) => {
          const command = new sdk.DescribeTasksCommand({ cluster, tasks });
          return tasksSchema.parse((await sdk.client.send(command, { abortSignal: signal })).tasks ?? []);
        }),
      ),
    describeTaskDefinition: (arn, signal) =>
      ecs.call(`describing ECS task definition ${arn}`, signal, async (sdk) => {
        const command = new sdk.DescribeTaskDefinitionCommand({ taskDefinition: arn });
        const { taskDefinition } = await sdk.client.send(command, { abortSignal: signal });
        return taskDefinitionSchema.parse(taskDefinition);
      }),
    describeContainerInstances: (cluster, arns, signal) =>
      inParts(arns, 100, (containerInstances) =>
        ecs.call(`describing ECS container instances in ${cluster}`, signal, async (sdk) => {
          const command = new sdk.DescribeContainerInstancesCommand({ cluster, containerInstances });
          const answer = await sdk.client.send(command, { abortSignal: signal });
          return containerInstancesSchema.parse(answer.containerInstances ?? []);
        }),
      ),
    setDesired: ({ cluster, service }, desiredCount, signal) =>
      ecs.call(`setting ECS service ${cluster}/${service} to ${desiredCount} tasks`, signal, async (sdk) => {
        const command = new sdk.UpdateServiceCommand({ cluster, service, desiredCount });
        await sdk.client.send(command, { abortSignal: signal });
      }),
    protections: (cluster, arns, signal) =>
      inParts(arns, 100, (tasks) =>
        ecs.call(`reading the protection of ${tasks.length} ECS task(s)`, signal, async (sdk) => {
          const command = new sdk.GetTaskProtectionCommand({ cluster, tasks });
          const answer = await sdk.client.send(command, { abortSignal: signal });
          return protectionsSchema.parse(answer.protectedTasks ?? []);
        }),
      ),
    protect: async (cluster, arns, minutes, signal) => {
      const answers = await inParts(arns, 10, (tasks) =>
        ecs.call(`setting the protection of ${tasks.length} ECS task(s)`, signal, async (sdk) => {
          const command = new sdk.UpdateTaskProtectionCommand({
            cluster,
            tasks,
            protectionEnabled: minutes > 0,
            ...(minutes > 0 && { expiresInMinutes: minutes }),
          });
          const { protectedTasks, failures } = await sdk.client.send(command, { abortSignal: signal });
          return [
            {
              set: protectionsSchema.parse(protectedTasks ?? []),
              failures: protectionFailuresSchema.parse(failures ?? []),
            },
          ];
        }),
      );
      return {
        set: answers.flatMap(({ set }) => set),
        failures: answers.flatMap(({ failures }) => failures),
      };
    },
    stopTask: (cluster, task, reason, signal) =>
      ecs.call(`stopping ECS task ${task}`, signal, async (sdk) => {
        try {
          const command = new sdk.StopTaskCommand({ cluster, task, reason });
          await sdk.client.send(command, { abortSignal: signal });
        } catch (error) {
          if (!(error instanceof sdk.InvalidParameterException && /not found/i.test(error.message)))
            throw error;
        }
      }),
    close: () => ecs.close(),
  };
}

/** One call after another, each with at most `size`; what they answer, together. No call for none. */
async function inParts<Answer>(
  arns: readonly string[],
  size: number,
  call: (some: string[]) => Promise<readonly Answer[]>,
): Promise<readonly Answer[]> {
  const all: Answer[] = [];
  for (let from = 0; from < arns.length; from += size)
    all.push(...(await call(arns.slice(from, from + size))));
  return all;
}
