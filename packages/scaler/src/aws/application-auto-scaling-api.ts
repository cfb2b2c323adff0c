import { z } from 'zod';
import { type AwsSettings, clientConfig } from './aws-settings.ts';
import { LazyClient } from './lazy-client.ts';

/** A count that Application Auto Scaling was told to look after. */
export interface ScalableTarget {
  /** Such as `service/cluster/name`. */
  readonly resourceId: string;
  readonly min: number;
  readonly max: number;
  /** Whether all that it does is suspended. */
  readonly suspended: boolean;
}

/** What we ask of Application Auto Scaling. Rejects with a `ScalerError`, at the latest when `signal` aborts. */
export interface ApplicationAutoScalingApi {
  /** Who else sets the desired count of the ECS service. */
  ecsTargets(resourceId: string, signal: AbortSignal): Promise<readonly ScalableTarget[]>;
  close(): Promise<void>;
}

/** The owner of the SDK for Application Auto Scaling, an optional dependency. */
export function openApplicationAutoScalingApi(settings: AwsSettings): ApplicationAutoScalingApi {
  const scaling = new LazyClient(async () => {
    const { ApplicationAutoScalingClient, ...commands } = await import(
      '@aws-sdk/client-application-auto-scaling'
    );
    return { ...commands, client: new ApplicationAutoScalingClient(clientConfig(settings)) };
  });
  return {
    ecsTargets: (resourceId, signal) =>
      scaling.call(`looking for other scalers of ${resourceId}`, signal, async (sdk) => {
        const of = {
          ServiceNamespace: 'ecs' as const,
          ResourceIds: [resourceId],
          ScalableDimension: 'ecs:service:DesiredCount' as const,
        };
        const found: ScalableTarget[] = [];
        const pages = sdk.paginateDescribeScalableTargets({ client: sdk.client }, of, {
          abortSignal: signal,
        });
        for await (const { ScalableTargets } of pages)
          found.push(...targetsSchema.parse(ScalableTargets ?? []));
        return found;
      }),
    close: () => scaling.close(),
  };
}

const suspendedSchema = z
  .object({
    DynamicScalingInSuspended: z.boolean().nullish(),
    DynamicScalingOutSuspended: z.boolean().nullish(),
    ScheduledScalingSuspended: z.boolean().nullish(),
  })
  .nullish();

const targetsSchema = z.array(
  z
    .object({
      ResourceId: z.string(),
      MinCapacity: z.int(),
      MaxCapacity: z.int(),
      SuspendedState: suspendedSchema,
    })
    .transform(({ ResourceId, MinCapacity, MaxCapacity, SuspendedState }) => ({
      resourceId: ResourceId,
      min: MinCapacity,
      max: MaxCapacity,
      suspended:
        SuspendedState?.DynamicScalingInSuspended === true &&
        SuspendedState.DynamicScalingOutSuspended === true &&
        SuspendedState.ScheduledScalingSuspended === true,
    })),
);
