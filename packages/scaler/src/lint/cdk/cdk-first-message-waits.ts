import { assigned, type CodeRule, numberOf } from './cdk-rule.ts';

/** Tracking one message per task from zero: the alarm behind it is "greater than". */
export const cdkFirstMessageWaits: CodeRule = {
  id: 'first-message-waits',
  check: (subject) => {
    const fromZero = subject.calls.some(
      ({ method, properties }) =>
        method === 'autoScaleTaskCount' && numberOf(properties.get('minCapacity')) === 0,
    );
    if (!fromZero) return [];
    return subject.calls
      .filter(({ method }) => method === 'scaleToTrackCustomMetric')
      .flatMap(({ properties }) => {
        const metric = properties.get('metric')?.text ?? '';
        const source = `${metric} ${assigned(subject, metric)?.method ?? ''}`;
        const target = properties.get('targetValue');
        const level = numberOf(target);
        if (!source.includes('ApproximateNumberOfMessagesVisible') || target === undefined) return [];
        if (level === undefined || level < 1) return [];
        return [
          {
            line: target.line,
            why: `target tracking makes an alarm "greater than ${level}": with minCapacity 0 and ${level === 1 ? 'one message' : `up to ${level} messages`} nothing starts`,
            instead: 'scaleOnMetric with a step from 1 message on, or a targetValue below 1, such as 0.9',
          },
        ];
      });
  },
};
