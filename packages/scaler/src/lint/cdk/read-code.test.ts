import { describe, expect, it } from 'vitest';
import { readCode } from './read-code.ts';

describe('readCode', () => {
  it('finds calls, what they are assigned to, and the members of their last object', () => {
    const { calls } = readCode(`
      // asg.scaleToTrackMetric('Not', { targetValue: 1 });
      const asg: autoscaling.AutoScalingGroup = new autoscaling.AutoScalingGroup(this, 'A', {
        vpc,
        minCapacity: 1, /* , maxCapacity: 9 */
        healthCheck: autoscaling.HealthCheck.ec2({ grace: cdk.Duration.minutes(2) }),
      });
      this.alarm = new cloudwatch.Alarm(this, 'in "quotes" { and (', { threshold: 80 });
      this.asg.scaleOnCpuUtilization('B', { targetUtilizationPercent: 60, ...rest });
    `);
    const shown = calls.map(({ receiver, method, assignedTo, line, properties }) => [
      receiver,
      method,
      assignedTo,
      line,
      Object.fromEntries([...properties].map(([key, { text }]) => [key, text])),
    ]);
    expect(shown).toEqual([
      [
        'autoscaling',
        'AutoScalingGroup',
        'asg',
        3,
        {
          vpc: 'vpc',
          minCapacity: '1',
          healthCheck: 'autoscaling.HealthCheck.ec2({ grace: cdk.Duration.minutes(2) })',
        },
      ],
      ['HealthCheck', 'ec2', '', 6, { grace: 'cdk.Duration.minutes(2)' }],
      ['Duration', 'minutes', '', 6, {}],
      ['cloudwatch', 'Alarm', 'alarm', 8, { threshold: '80' }],
      ['asg', 'scaleOnCpuUtilization', '', 9, { targetUtilizationPercent: '60' }],
    ]);
  });

  it('gives up on brackets that do not close, without looping', () => {
    expect(readCode('f({ a: (1').calls).toEqual([
      { receiver: '', method: 'f', assignedTo: '', line: 1, properties: new Map() },
    ]);
  });
});
