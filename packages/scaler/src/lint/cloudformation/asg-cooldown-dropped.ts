import { at } from '../values.ts';
import { type CloudFormationRule, inResource, resourcesOf } from './cloudformation-subject.ts';

/** Cooldowns where EC2 Auto Scaling has none. */
export const asgCooldownDropped: CloudFormationRule = {
  id: 'asg-cooldown-dropped',
  check: (subject) =>
    resourcesOf(subject, 'AWS::AutoScaling::ScalingPolicy').flatMap((policy) => {
      const { PolicyType, Cooldown } = policy.properties;
      const type = String(PolicyType ?? 'SimpleScaling');
      const inTracking = ['ScaleInCooldown', 'ScaleOutCooldown'].filter(
        (key) => at(policy.properties, 'TargetTrackingConfiguration', key) !== undefined,
      );
      const instead =
        'EstimatedInstanceWarmup: the time until a new instance counts; per-direction cooldowns need a scaler of your own, such as cooldownSeconds here';
      return [
        ...(Cooldown !== undefined && type !== 'SimpleScaling'
          ? [
              inResource(
                policy,
                ['Cooldown'],
                `Cooldown counts for SimpleScaling only, this policy is ${type}`,
                instead,
              ),
            ]
          : []),
        ...inTracking.map((key) =>
          inResource(
            policy,
            ['TargetTrackingConfiguration', key],
            `target tracking of an Auto Scaling Group has no ${key}: that exists for ECS services and other Application Auto Scaling targets`,
            instead,
          ),
        ),
      ];
    }),
};
