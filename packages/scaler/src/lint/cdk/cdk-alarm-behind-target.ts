import { alarmBehind } from '../cloudformation/alarm-behind-target.ts';
import { assigned, type CodeRule, numberOf, secondsOf } from './cdk-rule.ts';

/** An alarm on the metric that target tracking holds lower. */
export const cdkAlarmBehindTarget: CodeRule = {
  id: 'alarm-behind-target',
  check: (subject) =>
    subject.calls
      .filter(({ method }) => method === 'Alarm')
      .flatMap(({ properties }) => {
        const metric = properties.get('metric')?.text;
        const threshold = properties.get('threshold');
        const level = numberOf(threshold);
        if (metric === undefined || threshold === undefined || level === undefined) return [];
        if (properties.get('comparisonOperator')?.text.includes('LESS_THAN')) return [];
        const target = subject.calls
          .filter(
            (call) => /^scaleToTrack/.test(call.method) && call.properties.get('metric')?.text === metric,
          )
          .map((call) => numberOf(call.properties.get('targetValue')))
          .find((value) => value !== undefined && value < level);
        if (target === undefined) return [];
        const periodSeconds = secondsOf(assigned(subject, metric)?.properties.get('period')) ?? 300;
        const minutes = ((numberOf(properties.get('evaluationPeriods')) ?? 1) * periodSeconds) / 60;
        const [why, instead] = alarmBehind(target, level, minutes);
        return [{ line: threshold.line, why, instead }];
      }),
};
