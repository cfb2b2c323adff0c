import { expect, it } from 'vitest';
import type { EcsTask } from '../../aws/ecs-wire.ts';
import { type TaskContext, taskState } from './task-state.ts';

const running: EcsTask = {
  arn: 'arn:aws:ecs:eu-west-1:123456789012:task/embed/1',
  group: 'service:cpu',
  lastStatus: 'RUNNING',
  desiredStatus: 'RUNNING',
  health: 'UNKNOWN',
  definitionArn: 'cpu:1',
  startedBy: 'ecs-svc/1',
  ports: [],
};
const checked = { hasHealthCheck: true, stopTimeoutSeconds: 30 };
const plain = { hasHealthCheck: false, stopTimeoutSeconds: 120 };
const stops = { desiredStatus: 'STOPPED', stoppingAtMs: 1_000 } as const;
const drains = { arn: 'ci', instanceId: 'i-1', status: 'DRAINING' };

it.each<[string, Partial<EcsTask>, Partial<TaskContext>, ReturnType<typeof taskState>]>([
  [
    'waits for capacity',
    { lastStatus: 'PROVISIONING' },
    {},
    { state: 'starting', note: 'the task is PROVISIONING' },
  ],
  [
    'waits where the service complains',
    { lastStatus: 'PENDING' },
    { problem: 'no room' },
    { state: 'starting', note: 'no room' },
  ],
  [
    'gets its network',
    { lastStatus: 'ACTIVATING' },
    {},
    { state: 'starting', note: 'the task is ACTIVATING' },
  ],
  ['runs without a health check', {}, { definition: plain }, { state: 'ready' }],
  [
    'runs, not checked yet',
    {},
    { definition: checked },
    { state: 'starting', note: 'the task runs, its health check has not passed yet' },
  ],
  ['is healthy', { health: 'HEALTHY' }, { definition: checked }, { state: 'ready' }],
  ['is unhealthy', { health: 'UNHEALTHY' }, {}, { state: 'unhealthy', note: 'its health check fails' }],
  [
    'is interrupted on Fargate Spot',
    { ...stops, stopCode: 'SpotInterruption' },
    { definition: plain },
    { state: 'ready', leaving: { because: 'spot interruption', deadlineMs: 121_000 } },
  ],
  [
    'is retired',
    { ...stops, stopCode: 'TerminationNotice', health: 'HEALTHY' },
    { definition: checked },
    { state: 'ready', leaving: { because: 'AWS retires what it runs on', deadlineMs: 31_000 } },
  ],
  [
    'is stopped by its service',
    { ...stops, stopCode: 'ServiceSchedulerInitiated' },
    { definition: plain },
    { state: 'ready', leaving: { because: 'ECS stops the task', deadlineMs: 121_000 } },
  ],
  [
    'runs on an instance that drains',
    {},
    { instance: drains },
    { state: 'ready', leaving: { because: 'container instance i-1 is draining' } },
  ],
  [
    'is of a deployment that is replaced',
    {},
    { outdated: ['ecs-svc/1'] },
    { state: 'ready', leaving: { because: 'a newer deployment replaces it' } },
  ],
  ['was stopped before it ran', { ...stops, lastStatus: 'PENDING' }, {}, undefined],
  ['is taken from its load balancer', { ...stops, lastStatus: 'DEACTIVATING' }, {}, undefined],
  ['gets SIGTERM', { ...stops, lastStatus: 'STOPPING' }, {}, undefined],
  ['gives its network back', { ...stops, lastStatus: 'DEPROVISIONING' }, {}, undefined],
  ['has stopped', { ...stops, lastStatus: 'STOPPED' }, {}, undefined],
  ['is in a state of tomorrow', { lastStatus: 'HIBERNATING' }, {}, undefined],
])('says of a task that %s how it stands', (_, task, context, expected) => {
  const nothing = { definition: undefined, instance: undefined, problem: undefined, outdated: [] };
  expect(taskState({ ...running, ...task }, { ...nothing, ...context })).toEqual(expected);
});
