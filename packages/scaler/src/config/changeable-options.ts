import type { DriverName } from './scaler-config.ts';

/**
 * Options of a driver that `PUT /scaling/config` may change: document 001's `workspaceLaunchTemplateId`, which names a template that somebody
 * may make who may use EC2. What could start other programs or reach other machines isn't among them: whoever may scale may not do that.
 */
export function changeableOptions(driver: DriverName): readonly string[] {
  return CHANGEABLE[driver] ?? [];
}

const CHANGEABLE: Readonly<Partial<Record<DriverName, readonly string[]>>> = { ec2: ['launchTemplate'] };
