import { at } from '../values.ts';
import { type CloudFormationRule, inResource, resourcesOf } from './cloudformation-subject.ts';

/** Scaling by what waits alone, so that tasks at work are taken away. */
export const workInProgressIgnored: CloudFormationRule = {
  id: 'work-in-progress-ignored',
  check: (subject) => {
    const whole = JSON.stringify(at(subject.template, 'Resources') ?? '');
    if (whole.includes('ApproximateNumberOfMessagesNotVisible')) return [];
    return resourcesOf(subject, 'AWS::ApplicationAutoScaling::ScalingPolicy')
      .filter(({ properties }) =>
        JSON.stringify(at(properties, 'TargetTrackingScalingPolicyConfiguration') ?? '').includes(
          'ApproximateNumberOfMessagesVisible',
        ),
      )
      .map((policy) =>
        inResource(
          policy,
          ['TargetTrackingScalingPolicyConfiguration'],
          'a message that is being worked on is not visible and counts for nothing: once all are taken the target is met, and tasks at work are stopped',
          'ApproximateNumberOfMessagesVisible + ApproximateNumberOfMessagesNotVisible (metric math), or ECS task protection',
        ),
      );
  },
};
