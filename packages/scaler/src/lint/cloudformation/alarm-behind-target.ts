import { at, numeric } from '../values.ts';
import { type CloudFormationRule, inResource, resourcesOf } from './cloudformation-subject.ts';

/** An alarm at a level that target tracking works against. */
export const alarmBehindTarget: CloudFormationRule = {
  id: 'alarm-behind-target',
  check: (subject) => {
    const targets = resourcesOf(subject, 'AWS::AutoScaling::ScalingPolicy').flatMap(({ properties }) => {
      const tracking = at(properties, 'TargetTrackingConfiguration');
      const metric =
        at(tracking, 'CustomizedMetricSpecification', 'MetricName') ??
        PREDEFINED[String(at(tracking, 'PredefinedMetricSpecification', 'PredefinedMetricType'))];
      const target = numeric(at(tracking, 'TargetValue'));
      return target === undefined || metric === undefined ? [] : [{ metric, target }];
    });
    return resourcesOf(subject, 'AWS::CloudWatch::Alarm').flatMap((alarm) => {
      const { MetricName, Threshold, EvaluationPeriods, Period, ComparisonOperator } = alarm.properties;
      const threshold = numeric(Threshold) ?? 0;
      const tracked = targets.find(({ metric, target }) => metric === MetricName && target < threshold);
      if (tracked === undefined || !String(ComparisonOperator).startsWith('GreaterThan')) return [];
      const minutes = ((numeric(EvaluationPeriods) ?? 1) * (numeric(Period) ?? 60)) / 60;
      return [inResource(alarm, ['Threshold'], ...alarmBehind(tracked.target, threshold, minutes))];
    });
  },
};

const PREDEFINED: Readonly<Record<string, string>> = { ASGAverageCPUUtilization: 'CPUUtilization' };

/** Why, and what instead: the same for templates and for CDK programs. */
export function alarmBehind(
  target: number,
  threshold: number,
  minutes: number,
): [why: string, instead: string] {
  return [
    `scaling holds ${target}, and this alarm rings above ${threshold} for ${minutes} minutes: it rings only when scaling has failed or is at its maximum, and says nothing about load that scaling still follows`,
    `an alarm on what callers notice (queue, latency), or on desired = maximum; and don't count on it to scale out. In comes well below ${target}, not at it`,
  ];
}
