import { expect, it } from 'vitest';
import { type MetricQuery, type MetricResult, newestSample } from './cloudwatch-api.ts';

const NOW_MS = Date.parse('2027-01-15T08:07:00Z');
const at = (time: string) => new Date(`2027-01-15T${time}:00Z`);
const cpu: MetricQuery = {
  namespace: 'AWS/EC2',
  name: 'CPUUtilization',
  dimensions: { AutoScalingGroupName: 'small' },
  statistic: 'Average',
  periodSeconds: 300,
};
const result = (fields: Partial<MetricResult>): MetricResult => ({
  Id: 'm0',
  StatusCode: 'Complete',
  Timestamps: [],
  Values: [],
  Messages: [],
  ...fields,
});
const value = (value: number, time: string) => ({
  kind: 'value',
  value,
  atMs: at(time).getTime(),
  freshForSeconds: 720,
});
const missing = (reason: string) => ({ kind: 'missing', reason, atMs: NOW_MS });

it.each([
  [
    'the newest whose period is over, at its end',
    [result({ Timestamps: [at('08:05'), at('08:00'), at('07:55')], Values: [90, 61, 20] })],
    value(61, '08:05'),
  ],
  [
    'the newest of several pages, in whatever order',
    [
      result({ Timestamps: [at('07:50')], Values: [1] }),
      result({ Timestamps: [at('07:55'), at('07:45')], Values: [2, 3], StatusCode: 'PartialData' }),
    ],
    value(2, '08:00'),
  ],
  ['a value of 0', [result({ Timestamps: [at('08:00')], Values: [0] })], value(0, '08:05')],
  [
    'nothing while the only period still runs',
    [result({ Timestamps: [at('08:05')], Values: [90] })],
    missing(
      'CloudWatch has no AWS/EC2 CPUUtilization{AutoScalingGroupName=small} (Average, 300 s) in the last 900 s',
    ),
  ],
  [
    'nothing without results',
    [],
    missing(
      'CloudWatch has no AWS/EC2 CPUUtilization{AutoScalingGroupName=small} (Average, 300 s) in the last 900 s',
    ),
  ],
  [
    'a refusal, with what it says',
    [result({ StatusCode: 'Forbidden', Messages: [{ Value: 'not yours' }] })],
    missing(
      'CloudWatch answered Forbidden for AWS/EC2 CPUUtilization{AutoScalingGroupName=small} (Average, 300 s): not yours',
    ),
  ],
])('takes %s', (_name, results, sample) => {
  expect(newestSample(cpu, results, NOW_MS)).toEqual(sample);
});
