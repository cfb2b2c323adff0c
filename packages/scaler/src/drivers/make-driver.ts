import type { DriverName, GroupConfig } from '../config/scaler-config.ts';
import { ScalerError } from '../errors.ts';
import type { Driver } from './driver.ts';
import type { DriverSurroundings } from './driver-surroundings.ts';
import { makeAsgDriver } from './make-asg-driver.ts';
import { makeEc2Driver } from './make-ec2-driver.ts';
import { makeKubernetesDriver } from './make-kubernetes-driver.ts';
import { makeProcessDriver } from './make-process-driver.ts';
import { makeSwarmDriver } from './make-swarm-driver.ts';

/** Makes the driver of one group; throws `SCALER_CONFIG` naming the option that can't be used. Starts nothing. */
type MakeDriver = (group: GroupConfig, around: DriverSurroundings) => Driver;

const MAKERS: Readonly<Partial<Record<DriverName, MakeDriver>>> = {
  kubernetes: makeKubernetesDriver,
  asg: makeAsgDriver,
  process: makeProcessDriver,
  ec2: makeEc2Driver,
  swarm: makeSwarmDriver,
};

/**
 * The driver of a group.
 *
 * @throws ScalerError `SCALER_CONFIG` naming the option that can't be used
 */
export function makeDriver(group: GroupConfig, around: DriverSurroundings): Driver {
  const make = MAKERS[group.driver];
  if (make !== undefined) return make(group, around);
  const message = `group ${group.name}: there is no driver ${group.driver} in this version, only process`;
  throw new ScalerError('SCALER_CONFIG', message);
}
