import { expect, it } from 'vitest';
import { foreignScalers } from './foreign-scalers.ts';

const acting = (type: string) => ({ name: 'x', type, acts: true });

it.each([
  ['nobody', [], [], []],
  ['target tracking', [acting('TargetTrackingScaling')], [], ['TargetTrackingScaling "x"']],
  ['a policy that is off', [{ ...acting('StepScaling'), acts: false }], [], []],
  ['a policy whose alarms are suspended', [acting('StepScaling')], ['AlarmNotification'], []],
  ['a schedule', [acting('ScheduledAction')], ['AlarmNotification'], ['ScheduledAction "x"']],
  ['a suspended schedule', [acting('ScheduledAction')], ['ScheduledActions'], []],
  ['a forecast that acts', [acting('PredictiveScaling')], ['AlarmNotification'], ['PredictiveScaling "x"']],
] as const)('finds %s', (_name, scalers, suspended, found) => {
  expect(foreignScalers(scalers, new Map(suspended.map((name) => [name, ''])))).toEqual(found);
});
