import { z } from 'zod';

/** A service as it is. */
export interface EcsService {
  readonly name: string;
  /** Such as `ACTIVE` or `DRAINING`. */
  readonly status: string;
  /** `REPLICA`, or `DAEMON`, which has no count of its own. */
  readonly scheduling: string;
  readonly desired: number;
  /** Ids of deployments whose tasks a newer one replaces, as in `startedBy` of tasks. */
  readonly outdated: readonly string[];
  readonly events: readonly { readonly atMs: number; readonly message: string }[];
}

/** A task as it is. */
export interface EcsTask {
  readonly arn: string;
  /** `service:NAME` for those of a service. */
  readonly group: string;
  /** Such as `PROVISIONING`, `PENDING`, `ACTIVATING`, `RUNNING`, `DEACTIVATING`, `STOPPED`. */
  readonly lastStatus: string;
  readonly desiredStatus: string;
  /** `UNKNOWN` as well where there is no health check. */
  readonly health: string;
  readonly definitionArn: string;
  /** The service's deployment. */
  readonly startedBy?: string;
  readonly containerInstanceArn?: string;
  readonly createdAtMs?: number;
  /** When ECS decided to stop it. */
  readonly stoppingAtMs?: number;
  /** Such as `SpotInterruption`. */
  readonly stopCode?: string;
  /** Of its own network interface, where it has one. */
  readonly privateIp?: string;
  readonly ports: readonly { readonly container: number; readonly host: number }[];
}

/** What a task definition says for good: one is never changed. */
export interface EcsTaskDefinition {
  readonly hasHealthCheck: boolean;
  /** From SIGTERM to SIGKILL, the longest of its containers. */
  readonly stopTimeoutSeconds: number;
}

/** An EC2 instance as ECS sees it. */
export interface EcsContainerInstance {
  readonly arn: string;
  readonly instanceId?: string;
  /** `ACTIVE`, or `DRAINING` when its tasks are to go elsewhere. */
  readonly status: string;
}

/** A task that scale-in spares. */
export interface EcsProtection {
  readonly arn: string;
  readonly untilMs: number;
}

const count = z.int().default(0);

/** Answers of the SDK as the values above; each throws where the answer is not of ECS' form. */
export const servicesSchema: z.ZodType<readonly EcsService[]> = z.array(
  z
    .object({
      serviceName: z.string(),
      status: z.string(),
      schedulingStrategy: z.string().nullish(),
      desiredCount: count,
      deployments: z
        .array(z.object({ id: z.string().default(''), status: z.string().default('') }))
        .nullish(),
      events: z.array(z.object({ createdAt: z.date(), message: z.string().default('') })).nullish(),
    })
    .transform((service) => ({
      name: service.serviceName,
      status: service.status,
      scheduling: service.schedulingStrategy ?? 'REPLICA',
      desired: service.desiredCount,
      outdated: (service.deployments ?? []).filter(({ status }) => status !== 'PRIMARY').map(({ id }) => id),
      events: (service.events ?? []).map(({ createdAt, message }) => ({
        atMs: createdAt.getTime(),
        message,
      })),
    })),
);

const attachmentsSchema = z
  .array(
    z.object({
      type: z.string().default(''),
      details: z.array(z.object({ name: z.string().default(''), value: z.string().nullish() })).default([]),
    }),
  )
  .nullish();

const containersSchema = z
  .array(
    z.object({
      networkBindings: z
        .array(z.object({ containerPort: z.int().nullish(), hostPort: z.int().nullish() }))
        .nullish(),
    }),
  )
  .nullish();

const taskSchema = z
  .object({
    taskArn: z.string(),
    group: z.string().default(''),
    lastStatus: z.string(),
    desiredStatus: z.string(),
    healthStatus: z.string().default('UNKNOWN'),
    taskDefinitionArn: z.string(),
    startedBy: z.string().nullish(),
    containerInstanceArn: z.string().nullish(),
    createdAt: z.date().nullish(),
    stoppingAt: z.date().nullish(),
    stopCode: z.string().nullish(),
    attachments: attachmentsSchema,
    containers: containersSchema,
  })
  .transform((task): EcsTask => {
    const privateIp = (task.attachments ?? [])
      .filter(({ type }) => type === 'ElasticNetworkInterface')
      .flatMap(({ details }) => details)
      .find(({ name }) => name === 'privateIPv4Address')?.value;
    const bindings = (task.containers ?? []).flatMap(({ networkBindings }) => networkBindings ?? []);
    return {
      arn: task.taskArn,
      group: task.group,
      lastStatus: task.lastStatus,
      desiredStatus: task.desiredStatus,
      health: task.healthStatus,
      definitionArn: task.taskDefinitionArn,
      ...(task.startedBy && { startedBy: task.startedBy }),
      ...(task.containerInstanceArn && { containerInstanceArn: task.containerInstanceArn }),
      ...(task.createdAt && { createdAtMs: task.createdAt.getTime() }),
      ...(task.stoppingAt && { stoppingAtMs: task.stoppingAt.getTime() }),
      ...(task.stopCode && { stopCode: task.stopCode }),
      ...(privateIp && { privateIp }),
      ports: bindings.flatMap(({ containerPort, hostPort }) =>
        containerPort && hostPort ? [{ container: containerPort, host: hostPort }] : [],
      ),
    };
  });

export const tasksSchema: z.ZodType<readonly EcsTask[]> = z.array(taskSchema);

export const taskDefinitionSchema: z.ZodType<EcsTaskDefinition> = z
  .object({
    containerDefinitions: z
      .array(z.object({ healthCheck: z.unknown().optional(), stopTimeout: z.number().nullish() }))
      .default([]),
  })
  .transform(({ containerDefinitions }) => ({
    hasHealthCheck: containerDefinitions.some(
      ({ healthCheck }) => healthCheck !== undefined && healthCheck !== null,
    ),
    stopTimeoutSeconds: Math.max(
      ...containerDefinitions.map(({ stopTimeout }) => stopTimeout ?? DEFAULT_STOP_TIMEOUT_SECONDS),
      0,
    ),
  }));

/** ECS' own, where a container names none. */
const DEFAULT_STOP_TIMEOUT_SECONDS = 30;

export const containerInstancesSchema: z.ZodType<readonly EcsContainerInstance[]> = z.array(
  z
    .object({
      containerInstanceArn: z.string(),
      ec2InstanceId: z.string().nullish(),
      status: z.string().default('ACTIVE'),
    })
    .transform(({ containerInstanceArn, ec2InstanceId, status }) => ({
      arn: containerInstanceArn,
      status,
      ...(ec2InstanceId && { instanceId: ec2InstanceId }),
    })),
);

export const protectionsSchema: z.ZodType<readonly EcsProtection[]> = z
  .array(
    z.object({
      taskArn: z.string(),
      protectionEnabled: z.boolean().default(false),
      expirationDate: z.date().nullish(),
    }),
  )
  .transform((tasks) =>
    tasks.flatMap(({ taskArn, protectionEnabled, expirationDate }) =>
      protectionEnabled
        ? [{ arn: taskArn, untilMs: expirationDate?.getTime() ?? Number.POSITIVE_INFINITY }]
        : [],
    ),
  );

export const protectionFailuresSchema: z.ZodType<
  readonly { readonly arn: string; readonly reason: string }[]
> = z.array(
  z
    .object({ arn: z.string().default(''), reason: z.string().default(''), detail: z.string().nullish() })
    .transform(({ arn, reason, detail }) => ({ arn, reason: detail ? `${reason}: ${detail}` : reason })),
);
