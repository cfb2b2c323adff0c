import { openAutoScalingApi } from '../aws/auto-scaling-api.ts';
import { withRegion } from '../aws/aws-settings.ts';
import { openCloudWatchApi } from '../aws/cloudwatch-api.ts';
import { openInstanceAddresses } from '../aws/describe-instances.ts';
import type { GroupConfig } from '../config/scaler-config.ts';
import { asgOptionsSchema } from './asg/asg-options.ts';
import { AsgDriver } from './asg-driver.ts';
import type { DriverSurroundings } from './driver-surroundings.ts';
import { httpPing } from './process/ping.ts';
import { readDriverOptions } from './read-driver-options.ts';

/** Instances of an existing Auto Scaling group as replicas of a group. */
export function makeAsgDriver(
  group: GroupConfig,
  { clock, env, ping = httpPing(PING_TIMEOUT_MS), onEvent }: DriverSurroundings,
): AsgDriver {
  const options = withRegion(readDriverOptions(asgOptionsSchema, group), env);
  return new AsgDriver(new Map([[group.name, options]]), {
    autoScaling: openAutoScalingApi(options),
    ec2: openInstanceAddresses(options),
    cloudWatch: openCloudWatchApi(options),
    ping,
    clock,
    onEvent,
  });
}

const PING_TIMEOUT_MS = 1_000;
