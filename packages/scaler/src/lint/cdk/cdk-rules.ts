import { cdkAlarmBehindTarget } from './cdk-alarm-behind-target.ts';
import { cdkAsgCooldownDropped } from './cdk-asg-cooldown-dropped.ts';
import { cdkFirstMessageWaits } from './cdk-first-message-waits.ts';
import type { CodeRule } from './cdk-rule.ts';
import { cdkTwoFromZero } from './cdk-two-from-zero.ts';

/** The rules for CDK programs in TypeScript or JavaScript. */
export const CDK_RULES: readonly CodeRule[] = [
  cdkAsgCooldownDropped,
  cdkAlarmBehindTarget,
  cdkFirstMessageWaits,
  cdkTwoFromZero,
];
