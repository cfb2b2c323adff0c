import { assigned, type CodeHit, type CodeRule } from './cdk-rule.ts';

/** Cooldowns handed to an Auto Scaling Group's target tracking; the ECS methods of the same names do take them. */
export const cdkAsgCooldownDropped: CodeRule = {
  id: 'asg-cooldown-dropped',
  check: (subject) =>
    subject.calls
      .filter(({ method, receiver }) => {
        // scaleToTrackMetric is a method of Auto Scaling Groups only.
        if (method === 'scaleToTrackMetric') return true;
        return SHARED.includes(method) && assigned(subject, receiver)?.method === 'AutoScalingGroup';
      })
      .flatMap(({ method, properties }) =>
        ['scaleInCooldown', 'scaleOutCooldown'].flatMap((key): CodeHit[] => {
          const property = properties.get(key);
          if (property === undefined) return [];
          return [
            {
              line: property.line,
              why: `${method} of an Auto Scaling Group knows no ${key}: CDK drops it, and the policy that reaches AWS has the target alone (seen with aws-cdk-lib 2.276.0)`,
              instead:
                'estimatedInstanceWarmup, the one time that AWS knows here; for cooldowns in each direction a scaler of your own, such as cooldownSeconds here',
            },
          ];
        }),
      ),
};

const SHARED = [
  'scaleOnCpuUtilization',
  'scaleOnRequestCount',
  'scaleOnIncomingBytes',
  'scaleOnOutgoingBytes',
];
