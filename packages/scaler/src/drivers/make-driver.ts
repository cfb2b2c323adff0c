import type { DriverName, GroupConfig } from '../config/scaler-config.ts';
import type { Driver } from './driver.ts';
import type { DriverSurroundings } from './driver-surroundings.ts';
import { makeAsgDriver } from './make-asg-driver.ts';
import { makeEc2Driver } from './make-ec2-driver.ts';
import { makeEcsDriver } from './make-ecs-driver.ts';
import { makeKubernetesDriver } from './make-kubernetes-driver.ts';
import { makeProcessDriver } from './make-process-driver.ts';
import { makeSwarmDriver } from './make-swarm-driver.ts';

/** Makes the driver of one group; throws `SCALER_CONFIG` naming the option that can't be used. Starts nothing. */
type MakeDriver = (group: GroupConfig, around: DriverSurroundings) => Driver;

const MAKERS: Readonly<Record<DriverName, MakeDriver>> = {
  process: makeProcessDriver,
  swarm: makeSwarmDriver,
  kubernetes: makeKubernetesDriver,
  ecs: makeEcsDriver,
  asg: makeAsgDriver,
  ec2: makeEc2Driver,
};

/**
 * The driver of a group.
 *
 * @throws ScalerError `SCALER_CONFIG` naming the option that can't be used
 */
export function makeDriver(group: GroupConfig, around: DriverSurroundings): Driver {
  return MAKERS[group.driver](group, around);
}
