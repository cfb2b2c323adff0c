import { at, items, numeric } from '../values.ts';
import {
  type CloudFormationRule,
  type CloudFormationSubject,
  inResource,
  type Resource,
  referenced,
  resourcesOf,
} from './cloudformation-subject.ts';

/** "Greater than 1" on a queue: one message alone never starts the first task. */
export const firstMessageWaits: CloudFormationRule = {
  id: 'first-message-waits',
  check: (subject) => {
    const alarms = resourcesOf(subject, 'AWS::CloudWatch::Alarm').filter(
      ({ properties }) =>
        properties.MetricName === 'ApproximateNumberOfMessagesVisible' &&
        properties.ComparisonOperator === 'GreaterThanThreshold' &&
        (numeric(properties.Threshold) ?? 0) >= 1 &&
        items(properties.AlarmActions).some((action) => scales(action, subject)),
    );
    const tracking = resourcesOf(subject, 'AWS::ApplicationAutoScaling::ScalingPolicy').filter(
      (policy) => tracksQueue(policy) && startsAtZero(policy, resourcesOf(subject, TARGET)),
    );
    return [
      ...alarms.map((alarm) => {
        const threshold = numeric(alarm.properties.Threshold);
        return inResource(
          alarm,
          ['ComparisonOperator'],
          `the alarm rings above ${threshold} messages: ${threshold === 1 ? 'one alone waits' : `${threshold} wait`} until more come, for ever where there is no task yet`,
          'GreaterThanOrEqualToThreshold with Threshold 1',
        );
      }),
      ...tracking.map((policy) => {
        const target = numeric(at(policy.properties, CONFIGURATION, 'TargetValue'));
        return inResource(
          policy,
          [CONFIGURATION, 'TargetValue'],
          `target tracking makes an alarm "greater than ${target}": with MinCapacity 0 and ${target === 1 ? 'one message' : `up to ${target} messages`} nothing starts`,
          'a step policy from 1 message on for the first task, or a TargetValue below 1, such as 0.9',
        );
      }),
    ];
  },
};

/** Whether an alarm's action is a scaling policy; one that only tells people may ring when it likes. */
function scales(action: unknown, subject: CloudFormationSubject): boolean {
  const policies = [
    ...resourcesOf(subject, 'AWS::ApplicationAutoScaling::ScalingPolicy'),
    ...resourcesOf(subject, 'AWS::AutoScaling::ScalingPolicy'),
  ];
  return (
    policies.some(({ name }) => name === referenced(action)) ||
    JSON.stringify(action).includes('scalingPolicy')
  );
}

const TARGET = 'AWS::ApplicationAutoScaling::ScalableTarget';
const CONFIGURATION = 'TargetTrackingScalingPolicyConfiguration';

function tracksQueue({ properties }: Resource): boolean {
  const configuration = at(properties, CONFIGURATION);
  const metric = at(configuration, 'CustomizedMetricSpecification');
  const onQueue =
    at(metric, 'Namespace') === 'AWS/SQS' || JSON.stringify(metric ?? '').includes('ApproximateNumberOf');
  return onQueue && (numeric(at(configuration, 'TargetValue')) ?? 0) >= 1;
}

/** Whether the scalable target of a policy goes to 0; where the policy's can't be told, whether any does. */
function startsAtZero(policy: Resource, targets: readonly Resource[]): boolean {
  const own = targets.filter(({ name }) => name === referenced(policy.properties.ScalingTargetId));
  return (own.length > 0 ? own : targets).some(({ properties }) => numeric(properties.MinCapacity) === 0);
}
