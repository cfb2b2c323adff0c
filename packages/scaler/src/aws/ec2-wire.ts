import type { Instance, RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import { z } from 'zod';
import { ScalerError } from '../errors.ts';
import type { Ec2Instance, RunInstanceRequest } from './ec2-api.ts';

/** One instance, all or none, with its tags from the beginning. */
export function toRunInput(request: RunInstanceRequest): RunInstancesCommandInput {
  const { launchTemplate, instanceType, subnetId } = request;
  return {
    // One at a time: then a token stands for one instance, and "some of them" can't happen.
    MinCount: 1,
    MaxCount: 1,
    ClientToken: request.clientToken,
    LaunchTemplate: {
      ...('id' in launchTemplate
        ? { LaunchTemplateId: launchTemplate.id }
        : { LaunchTemplateName: launchTemplate.name }),
      Version: launchTemplate.version,
    },
    TagSpecifications: [
      {
        ResourceType: 'instance',
        Tags: Object.entries(request.tags).map(([Key, Value]) => ({ Key, Value })),
      },
    ],
    // `as`: the SDK lists the types it knows; new ones work as well.
    ...(instanceType !== undefined && {
      InstanceType: instanceType as NonNullable<RunInstancesCommandInput['InstanceType']>,
    }),
    ...(subnetId !== undefined && { SubnetId: subnetId }),
    ...(request.spot && {
      InstanceMarketOptions: {
        MarketType: 'spot' as const,
        SpotOptions: {
          SpotInstanceType: 'one-time' as const,
          InstanceInterruptionBehavior: 'terminate' as const,
        },
      },
    }),
  };
}

const instanceSchema = z.object({
  InstanceId: z.string(),
  State: z.object({
    Name: z.enum(['pending', 'running', 'shutting-down', 'terminated', 'stopping', 'stopped']),
  }),
  LaunchTime: z.date(),
  Tags: z.array(z.object({ Key: z.string(), Value: z.string() })).default([]),
  InstanceLifecycle: z.string().optional(),
  PrivateIpAddress: z.string().optional(),
  PublicIpAddress: z.string().optional(),
  StateReason: z.object({ Code: z.string().optional(), Message: z.string().optional() }).optional(),
});

/** An instance as the SDK shows it; throws `SCALER_DRIVER_FAILED` for one that lacks what every instance has. */
export function toInstance(answer: Instance | undefined): Ec2Instance {
  const { data, error } = instanceSchema.safeParse(answer);
  if (error)
    throw new ScalerError(
      'SCALER_DRIVER_FAILED',
      `EC2 described an instance oddly: ${z.prettifyError(error)}`,
    );
  const { PrivateIpAddress, PublicIpAddress, StateReason } = data;
  return {
    instanceId: data.InstanceId,
    state: data.State.Name,
    launchedAtMs: data.LaunchTime.getTime(),
    tags: Object.fromEntries(data.Tags.map(({ Key, Value }) => [Key, Value])),
    spot: data.InstanceLifecycle === 'spot',
    ...(PrivateIpAddress && { privateAddress: PrivateIpAddress }),
    ...(PublicIpAddress && { publicAddress: PublicIpAddress }),
    ...(StateReason?.Code && {
      stateReason: { code: StateReason.Code, message: StateReason.Message ?? StateReason.Code },
    }),
  };
}
