import { expect, it } from 'vitest';
import { launchStanding } from './launch-standing.ts';

const activity = (
  status: string,
  startedAtMs: number,
  description = 'Launching a new EC2 instance: i-1',
) => ({
  status,
  startedAtMs,
  description,
  message: status === 'Failed' ? 'Could not launch Spot Instances. InsufficientInstanceCapacity' : '',
});
const failed = { kind: 'failed', because: 'Could not launch Spot Instances. InsufficientInstanceCapacity' };

it.each([
  ['idle without activities', [], { kind: 'idle' }],
  ['failed when the newest launch did', [activity('Failed', 9), activity('Successful', 8)], failed],
  ['idle when it failed before that', [activity('Failed', 4)], { kind: 'idle' }],
  ['idle when a later one succeeded', [activity('Successful', 9), activity('Failed', 8)], { kind: 'idle' }],
  [
    'failed though an instance was ended since',
    [activity('Successful', 9, 'Terminating EC2 instance: i-2'), activity('Failed', 8)],
    failed,
  ],
  ['under way', [activity('PreInService', 9), activity('Failed', 8)], { kind: 'under-way' }],
  [
    'failed though an instance waits for the hook of its end',
    [activity('MidLifecycleAction', 9, 'Terminating EC2 instance: i-2'), activity('Failed', 8)],
    failed,
  ],
  ['under way with a spot request', [activity('WaitingForSpotInstanceId', 1)], { kind: 'under-way' }],
])('is %s', (_name, activities, standing) => {
  expect(launchStanding(activities, 5)).toEqual(standing);
});
