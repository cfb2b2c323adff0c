import { alarmBehindTarget } from './alarm-behind-target.ts';
import { asgCooldownDropped } from './asg-cooldown-dropped.ts';
import type { CloudFormationRule } from './cloudformation-subject.ts';
import { firstMessageWaits } from './first-message-waits.ts';
import { twoFromZero } from './two-from-zero.ts';
import { workInProgressIgnored } from './work-in-progress-ignored.ts';

/** The rules for CloudFormation templates in JSON or YAML, such as those in cdk.out. */
export const CLOUDFORMATION_RULES: readonly CloudFormationRule[] = [
  asgCooldownDropped,
  firstMessageWaits,
  workInProgressIgnored,
  twoFromZero,
  alarmBehindTarget,
];
