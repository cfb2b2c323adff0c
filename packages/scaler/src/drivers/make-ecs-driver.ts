import { openApplicationAutoScalingApi } from '../aws/application-auto-scaling-api.ts';
import { withRegion } from '../aws/aws-settings.ts';
import { openCloudWatchApi } from '../aws/cloudwatch-api.ts';
import { openInstanceAddresses } from '../aws/describe-instances.ts';
import { openEcsApi } from '../aws/ecs-api.ts';
import type { GroupConfig } from '../config/scaler-config.ts';
import type { DriverSurroundings } from './driver-surroundings.ts';
import { ecsOptionsSchema } from './ecs/ecs-options.ts';
import { EcsDriver } from './ecs-driver.ts';
import { readDriverOptions } from './read-driver-options.ts';

/** Tasks of an existing ECS service as replicas of a group. */
export function makeEcsDriver(group: GroupConfig, { clock, env, onEvent }: DriverSurroundings): EcsDriver {
  const options = withRegion(readDriverOptions(ecsOptionsSchema, group), env);
  return new EcsDriver(new Map([[group.name, options]]), {
    ecs: openEcsApi(options),
    instances: openInstanceAddresses(options),
    cloudWatch: openCloudWatchApi(options),
    scaling: openApplicationAutoScalingApi(options),
    clock,
    onEvent,
  });
}
