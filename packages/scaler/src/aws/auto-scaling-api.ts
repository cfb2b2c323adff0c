import { z } from 'zod';
import { type AwsSettings, clientConfig } from './aws-settings.ts';
import { LazyClient } from './lazy-client.ts';
import { awsErrorName } from './to-aws-error.ts';

/** An instance as its group sees it. */
export interface GroupInstance {
  readonly id: string;
  /** Such as `InService` or `Terminating:Wait`. */
  readonly lifecycle: string;
  /** Whether the group's own health checks are content. */
  readonly healthy: boolean;
  readonly protectedFromScaleIn: boolean;
}

/** An Auto Scaling group. */
export interface AutoScalingGroup {
  readonly name: string;
  readonly minSize: number;
  readonly maxSize: number;
  readonly desired: number;
  /** Whether new instances are protected from AWS's own choice on scale-in. */
  readonly protectsNew: boolean;
  readonly instances: readonly GroupInstance[];
  /** Processes that somebody suspended, with AWS's reason. */
  readonly suspended: ReadonlyMap<string, string>;
}

/** What a group did or tries to do. */
export interface ScalingActivity {
  /** Such as `Successful`, `Failed` or `InProgress`. */
  readonly status: string;
  readonly startedAtMs: number;
  /** Such as `Launching a new EC2 instance.  Status Reason: …`. */
  readonly description: string;
  /** Why it failed, where it did. */
  readonly message: string;
}

/** What else changes a group's count. */
export interface GroupScaler {
  readonly name: string;
  /** AWS's type of a policy, such as `TargetTrackingScaling`, or `ScheduledAction`. */
  readonly type: string;
  /** Whether it does anything now: enabled, and more than a forecast. */
  readonly acts: boolean;
}

/** What we ask of EC2 Auto Scaling. Calls reject with a `ScalerError`, and when their signal aborts. */
export interface AutoScalingApi {
  /** Undefined when there is no such group. */
  group(name: string, signal: AbortSignal): Promise<AutoScalingGroup | undefined>;
  /** AWS refuses what is outside the group's MinSize to MaxSize. Cooldowns of the group are not honoured. */
  setDesired(name: string, count: number, signal: AbortSignal): Promise<void>;
  /** `gone` when it was no member any more, or on its way out. Without `decrement` the group replaces it. */
  terminate(
    instanceId: string,
    options: { readonly decrement: boolean },
    signal: AbortSignal,
  ): Promise<'accepted' | 'gone'>;
  /** The newest first; as many as one page has. */
  activities(name: string, signal: AbortSignal): Promise<readonly ScalingActivity[]>;
  /** Policies and scheduled actions, all pages. */
  scalers(name: string, signal: AbortSignal): Promise<readonly GroupScaler[]>;
  close(): Promise<void>;
}

/** The owner of the SDK for EC2 Auto Scaling. Which permissions it needs: docs/drivers/asg.md. */
export function openAutoScalingApi(settings: AwsSettings): AutoScalingApi {
  const autoScaling = new LazyClient(async () => {
    const { AutoScalingClient, ...commands } = await import('@aws-sdk/client-auto-scaling');
    return { ...commands, client: new AutoScalingClient(clientConfig(settings)) };
  });

  return {
    group: (name, signal) =>
      autoScaling.call(
        `describing Auto Scaling group ${name}`,
        signal,
        async ({ client, DescribeAutoScalingGroupsCommand }) => {
          const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] });
          const answer = await client.send(command, { abortSignal: signal });
          return groupsSchema.parse(answer.AutoScalingGroups ?? [])[0];
        },
      ),
    setDesired: (name, count, signal) =>
      autoScaling.call(
        `setting Auto Scaling group ${name} to ${count}`,
        signal,
        async ({ client, SetDesiredCapacityCommand }) => {
          const command = new SetDesiredCapacityCommand({
            AutoScalingGroupName: name,
            DesiredCapacity: count,
            HonorCooldown: false,
          });
          await client.send(command, { abortSignal: signal });
        },
      ),
    terminate: (instanceId, { decrement }, signal) =>
      autoScaling.call(
        `ending instance ${instanceId}`,
        signal,
        async ({ client, TerminateInstanceInAutoScalingGroupCommand }) => {
          const command = new TerminateInstanceInAutoScalingGroupCommand({
            InstanceId: instanceId,
            ShouldDecrementDesiredCapacity: decrement,
          });
          try {
            await client.send(command, { abortSignal: signal });
            return 'accepted';
          } catch (error) {
            if (saysGone(error)) return 'gone';
            throw error;
          }
        },
      ),
    activities: (name, signal) =>
      autoScaling.call(
        `reading activities of Auto Scaling group ${name}`,
        signal,
        async ({ client, DescribeScalingActivitiesCommand }) => {
          const command = new DescribeScalingActivitiesCommand({ AutoScalingGroupName: name });
          const { Activities } = await client.send(command, { abortSignal: signal });
          return z.array(activitySchema).parse(Activities ?? []);
        },
      ),
    scalers: (name, signal) =>
      autoScaling.call(`reading scaling policies of Auto Scaling group ${name}`, signal, async (sdk) => {
        const { client, paginateDescribePolicies, paginateDescribeScheduledActions } = sdk;
        const found: GroupScaler[] = [];
        const of = { AutoScalingGroupName: name };
        for await (const page of paginateDescribePolicies({ client }, of, { abortSignal: signal }))
          found.push(...z.array(policySchema).parse(page.ScalingPolicies ?? []));
        for await (const page of paginateDescribeScheduledActions({ client }, of, { abortSignal: signal }))
          found.push(...z.array(scheduledSchema).parse(page.ScheduledUpdateGroupActions ?? []));
        return found;
      }),
    close: () => autoScaling.close(),
  };
}

/** AWS has one code for all wrong input; only its text tells a member that is gone from the rest, such as `Terminating instance … will violate group's min size`. */
function saysGone(error: unknown): boolean {
  const message = error instanceof Error ? error.message : '';
  return (
    awsErrorName(error) === 'ValidationError' &&
    /not found|no managed instance|not part of|terminat(ing|ed)/i.test(message) &&
    !/min ?size/i.test(message)
  );
}

const instanceSchema = z
  .object({
    InstanceId: z.string(),
    LifecycleState: z.string(),
    HealthStatus: z.string().default('Healthy'),
    ProtectedFromScaleIn: z.boolean().default(false),
  })
  .transform(
    (instance): GroupInstance => ({
      id: instance.InstanceId,
      lifecycle: instance.LifecycleState,
      healthy: instance.HealthStatus.toLowerCase() === 'healthy',
      protectedFromScaleIn: instance.ProtectedFromScaleIn,
    }),
  );

const groupsSchema = z.array(
  z
    .object({
      AutoScalingGroupName: z.string(),
      MinSize: z.int(),
      MaxSize: z.int(),
      DesiredCapacity: z.int(),
      NewInstancesProtectedFromScaleIn: z.boolean().default(false),
      Instances: z.array(instanceSchema).default([]),
      SuspendedProcesses: z
        .array(z.object({ ProcessName: z.string(), SuspensionReason: z.string().default('') }))
        .default([]),
    })
    .transform(
      (group): AutoScalingGroup => ({
        name: group.AutoScalingGroupName,
        minSize: group.MinSize,
        maxSize: group.MaxSize,
        desired: group.DesiredCapacity,
        protectsNew: group.NewInstancesProtectedFromScaleIn,
        instances: group.Instances,
        suspended: new Map(
          group.SuspendedProcesses.map(({ ProcessName, SuspensionReason }) => [
            ProcessName,
            SuspensionReason,
          ]),
        ),
      }),
    ),
);

const activitySchema = z
  .object({
    StatusCode: z.string(),
    StartTime: z.date(),
    Description: z.string().default(''),
    StatusMessage: z.string().default(''),
  })
  .transform(
    (activity): ScalingActivity => ({
      status: activity.StatusCode,
      startedAtMs: activity.StartTime.getTime(),
      description: activity.Description,
      message: activity.StatusMessage,
    }),
  );

/** What an absent mode means to AWS. */
function forecastsOnly(policy: {
  readonly PredictiveScalingConfiguration?: { readonly Mode: string } | undefined;
}): boolean {
  return (policy.PredictiveScalingConfiguration?.Mode ?? 'ForecastOnly') === 'ForecastOnly';
}

const policySchema = z
  .object({
    PolicyName: z.string(),
    PolicyType: z.string().default('SimpleScaling'),
    Enabled: z.boolean().default(true),
    PredictiveScalingConfiguration: z.object({ Mode: z.string().default('ForecastOnly') }).optional(),
  })
  .transform(
    (policy): GroupScaler => ({
      name: policy.PolicyName,
      type: policy.PolicyType,
      acts: policy.Enabled && !(policy.PolicyType === 'PredictiveScaling' && forecastsOnly(policy)),
    }),
  );

const scheduledSchema = z
  .object({ ScheduledActionName: z.string() })
  .transform(
    (action): GroupScaler => ({ name: action.ScheduledActionName, type: 'ScheduledAction', acts: true }),
  );
