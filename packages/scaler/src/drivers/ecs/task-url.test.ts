import { expect, it } from 'vitest';
import { ecsOptionsSchema } from './ecs-options.ts';
import { replicaId } from './replica-id.ts';
import { taskUrl } from './task-url.ts';

const options = ecsOptionsSchema.parse({ service: 'cpu' });
const bound = [
  { container: 9090, host: 32_000 },
  { container: 8080, host: 32_768 },
];

it.each([
  [
    'awsvpc',
    { privateIp: '10.0.0.7', ports: [] },
    undefined,
    'http://10.0.0.7:8080/predictions/all-MiniLM-L6-v2',
  ],
  ['bridge', { ports: bound }, '10.1.0.7', 'http://10.1.0.7:32768/predictions/all-MiniLM-L6-v2'],
  ['an instance not known yet', { ports: bound }, undefined, undefined],
  ['another port than ours', { ports: bound.slice(0, 1) }, '10.1.0.7', undefined],
  ['no ports yet', { ports: [] }, '10.1.0.7', undefined],
])('knows the URL of a task with %s', (_, task, instanceIp, url) => {
  expect(taskUrl(task, options, instanceIp)).toBe(url);
  expect(taskUrl(task, { ...options, url: 'none' }, instanceIp)).toBeUndefined();
});

it('names a replica by its service and the id of its task, of the old or the new form of ARNs', () => {
  expect(replicaId('cpu', 'arn:aws:ecs:eu-west-1:1:task/embed/0af3')).toBe('cpu-0af3');
  expect(replicaId('cpu', 'arn:aws:ecs:eu-west-1:1:task/0af3-11')).toBe('cpu-0af3-11');
});
