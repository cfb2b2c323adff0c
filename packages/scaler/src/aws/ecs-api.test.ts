import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type EcsApi, openEcsApi } from './ecs-api.ts';

type Body = Readonly<Record<string, unknown>>;

let server: Server;
let api: EcsApi;
let calls: { readonly action: string; readonly body: Body }[];
/** What ECS says, by action: a body, an error, or nothing at all. */
let answers: Record<string, (body: Body) => { readonly status?: number; readonly body: unknown } | 'silence'>;

const of = { cluster: 'embed', service: 'cpu' };
const live = () => AbortSignal.timeout(15_000);
const arn = (index: number) => `arn:aws:ecs:eu-west-1:123456789012:task/embed/${index}`;

beforeEach(async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing' });
  calls = [];
  answers = {};
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const action = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Body;
    calls.push({ action, body });
    const answer = answers[action]?.(body) ?? { status: 400, body: { __type: 'UnknownOperation' } };
    if (answer === 'silence') return;
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  api = openEcsApi({ region: 'eu-west-1', endpoint: `http://127.0.0.1:${port}` });
});
afterEach(async () => {
  await api.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

it('lists 600 tasks over all pages, and asks for 100 of them at a time', async () => {
  answers.ListTasks = ({ nextToken }) => {
    const from = Number(nextToken ?? 0);
    const taskArns = Array.from({ length: 100 }, (_, index) => arn(from + index));
    return { body: { taskArns, ...(from < 500 && { nextToken: String(from + 100) }) } };
  };
  answers.DescribeTasks = ({ tasks }) => ({
    body: {
      tasks: (tasks as string[]).slice(1).map((taskArn) => ({
        taskArn,
        group: 'service:cpu',
        lastStatus: 'RUNNING',
        desiredStatus: 'RUNNING',
        taskDefinitionArn: 'cpu:1',
        createdAt: 1_764_000_000.5,
        attachments: [
          {
            type: 'ElasticNetworkInterface',
            details: [
              { name: 'subnetId', value: 'subnet-1' },
              { name: 'privateIPv4Address', value: '10.0.0.7' },
            ],
          },
        ],
        containers: [{ networkBindings: [{ containerPort: 8080, hostPort: 32_768 }, { containerPort: 9 }] }],
      })),
      failures: [{ arn: (tasks as string[])[0], reason: 'MISSING' }],
    },
  });
  const arns = await api.listTasks(of, 'RUNNING', live());
  expect(arns).toEqual(Array.from({ length: 600 }, (_, index) => arn(index)));
  const tasks = await api.describeTasks('embed', arns, live());
  expect(tasks.length).toBe(594);
  expect(tasks[0]).toEqual({
    arn: arn(1),
    group: 'service:cpu',
    lastStatus: 'RUNNING',
    desiredStatus: 'RUNNING',
    health: 'UNKNOWN',
    definitionArn: 'cpu:1',
    createdAtMs: 1_764_000_000_500,
    privateIp: '10.0.0.7',
    ports: [{ container: 8080, host: 32_768 }],
  });
  expect(calls[0]?.body).toMatchObject({ cluster: 'embed', serviceName: 'cpu', desiredStatus: 'RUNNING' });
  expect(calls.map(({ action }) => action)).toEqual([
    ...Array.from({ length: 6 }, () => 'ListTasks'),
    ...Array.from({ length: 6 }, () => 'DescribeTasks'),
  ]);
});

it('fails as a whole when one page does', async () => {
  answers.ListTasks = ({ nextToken }) =>
    nextToken === undefined
      ? { body: { taskArns: [arn(1)], nextToken: '1' } }
      : { status: 400, body: { __type: 'ClusterNotFoundException', message: 'Cluster not found.' } };
  await expect(api.listTasks(of, 'RUNNING', live())).rejects.toMatchObject({
    code: 'SCALER_DRIVER_FAILED',
    retryable: false,
    message: 'listing tasks of ECS service embed/cpu: ClusterNotFoundException: Cluster not found.',
  });
});

it('protects 10 at a time and says which it could not', async () => {
  answers.UpdateTaskProtection = ({ tasks }) => ({
    body: {
      protectedTasks: (tasks as string[])
        .slice(1)
        .map((taskArn) => ({ taskArn, protectionEnabled: true, expirationDate: 1_764_000_300 })),
      failures: [{ arn: (tasks as string[])[0], reason: 'TASK_NOT_VALID', detail: 'it is not running' }],
    },
  });
  const { set, failures } = await api.protect(
    'embed',
    Array.from({ length: 25 }, (_, i) => arn(i)),
    5,
    live(),
  );
  expect({ set: set.length, untilMs: set[0]?.untilMs, failures }).toEqual({
    set: 22,
    untilMs: 1_764_000_300_000,
    failures: [0, 10, 20].map((i) => ({ arn: arn(i), reason: 'TASK_NOT_VALID: it is not running' })),
  });
  expect(calls.map(({ body }) => (body.tasks as string[]).length)).toEqual([10, 10, 5]);
  expect(calls[0]?.body).toMatchObject({ protectionEnabled: true, expiresInMinutes: 5 });
  answers.UpdateTaskProtection = () => ({
    body: { protectedTasks: [{ taskArn: arn(1), protectionEnabled: false }] },
  });
  expect(await api.protect('embed', [arn(1)], 0, live())).toEqual({ set: [], failures: [] });
  expect(calls.at(-1)?.body).toEqual({ cluster: 'embed', tasks: [arn(1)], protectionEnabled: false });
});

it('reads a service with the deployments that are replaced, and takes an inactive one for none', async () => {
  const service = {
    serviceName: 'cpu',
    status: 'ACTIVE',
    schedulingStrategy: 'REPLICA',
    desiredCount: 3,
    deployments: [
      { id: 'ecs-svc/2', status: 'PRIMARY' },
      { id: 'ecs-svc/1', status: 'ACTIVE' },
    ],
    events: [{ id: '1', createdAt: 1_764_000_000, message: '(service cpu) has reached a steady state.' }],
  };
  answers.DescribeServices = () => ({ body: { services: [service] } });
  expect(await api.describeService(of, live())).toEqual({
    name: 'cpu',
    status: 'ACTIVE',
    scheduling: 'REPLICA',
    desired: 3,
    outdated: ['ecs-svc/1'],
    events: [{ atMs: 1_764_000_000_000, message: '(service cpu) has reached a steady state.' }],
  });
  answers.DescribeServices = () => ({ body: { services: [{ ...service, status: 'INACTIVE' }] } });
  expect(await api.describeService(of, live())).toBeUndefined();
});

it.each([
  ['a container without anything', [{ name: 'djl' }], { hasHealthCheck: false, stopTimeoutSeconds: 30 }],
  [
    'a health check beside a slow end',
    [
      { name: 'djl', healthCheck: { command: ['CMD', 'true'] } },
      { name: 'log', stopTimeout: 120 },
    ],
    { hasHealthCheck: true, stopTimeoutSeconds: 120 },
  ],
])('reads a task definition with %s', async (_, containerDefinitions, expected) => {
  answers.DescribeTaskDefinition = () => ({ body: { taskDefinition: { containerDefinitions } } });
  expect(await api.describeTaskDefinition('cpu:1', live())).toEqual(expected);
});

it('says that it is throttled once three attempts were', async () => {
  answers.UpdateService = () => ({
    status: 400,
    body: { __type: 'ThrottlingException', message: 'Rate exceeded' },
  });
  await expect(api.setDesired(of, 3, live())).rejects.toMatchObject({
    code: 'SCALER_DRIVER_THROTTLED',
    retryable: true,
  });
  expect(calls.length).toBe(3);
});

it('gives a call up when its signal is aborted', async () => {
  answers.UpdateService = () => 'silence';
  const stop = new AbortController();
  const call = api.setDesired(of, 3, stop.signal);
  setTimeout(() => stop.abort(new Error('no answer within 10 s')), 50);
  await expect(call).rejects.toMatchObject({
    code: 'SCALER_DRIVER_FAILED',
    retryable: true,
    message: 'setting ECS service embed/cpu to 3 tasks: no answer within 10 s',
  });
});

it('takes a task that is gone for stopped', async () => {
  answers.StopTask = () => ({
    status: 400,
    body: { __type: 'InvalidParameterException', message: 'The referenced task was not found.' },
  });
  await api.stopTask('embed', arn(1), 'it is replaced', live());
  answers.StopTask = () => ({ status: 400, body: { __type: 'AccessDeniedException', message: 'no' } });
  await expect(api.stopTask('embed', arn(1), 'it is replaced', live())).rejects.toMatchObject({
    code: 'SCALER_DRIVER_FAILED',
  });
});
