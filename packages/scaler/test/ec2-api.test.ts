import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Ec2Api, RunInstanceRequest } from '../src/aws/ec2-api.ts';
import { openEc2Api } from '../src/aws/open-ec2-api.ts';
import { type CannedServer, startCannedServer } from '../src/signals/canned-server.test-support.ts';

/** What EC2 answers next, each a status and XML, and what it was asked. */
let answers: (readonly [status: number, xml: string])[] = [];
let asked: URLSearchParams[] = [];
let server: CannedServer;
let api: Ec2Api;

beforeEach(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'id');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  answers = [];
  asked = [];
  server = await startCannedServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    asked.push(new URLSearchParams(body));
    const [status, xml] = answers.shift() ?? [500, refusal('InternalError')];
    response.writeHead(status, { 'content-type': 'text/xml' }).end(xml);
  });
  api = openEc2Api({ endpoint: server.url, region: 'eu-west-1' });
});

afterEach(async () => {
  await api.close();
  await server[Symbol.asyncDispose]();
  vi.unstubAllEnvs();
});

const live = () => AbortSignal.timeout(20_000);

const request: RunInstanceRequest = {
  clientToken: 'token-1',
  launchTemplate: { name: 'embedder', version: '3' },
  spot: true,
  tags: { Name: 'a', 'forebay:replica': 'a' },
  instanceType: 'c7g.large',
  subnetId: 'subnet-1',
};

const instance = (id: string, more: string = '') => `<item><instanceId>${id}</instanceId>
  <instanceState><code>16</code><name>running</name></instanceState><launchTime>2026-01-01T00:00:05.000Z</launchTime>
  <tagSet><item><key>forebay:replica</key><value>a</value></item></tagSet>${more}</item>`;
const ran = (item: string) =>
  `<RunInstancesResponse><instancesSet>${item}</instancesSet></RunInstancesResponse>`;
const page = (
  items: readonly string[],
  nextToken: string = '',
) => `<DescribeInstancesResponse><reservationSet>
  ${items.map((item) => `<item><instancesSet>${item}</instancesSet></item>`).join('')}</reservationSet>
  ${nextToken && `<nextToken>${nextToken}</nextToken>`}</DescribeInstancesResponse>`;
const refusal = (code: string, message: string = 'no') =>
  `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>r</RequestID></Response>`;

it('launches one instance with token, template, tags and market in one call', async () => {
  answers = [
    [
      200,
      ran(
        instance(
          'i-1',
          '<instanceLifecycle>spot</instanceLifecycle><privateIpAddress>10.0.0.7</privateIpAddress>',
        ),
      ),
    ],
  ];
  expect(await api.runInstance(request, live())).toEqual({
    instanceId: 'i-1',
    state: 'running',
    launchedAtMs: Date.UTC(2026, 0, 1, 0, 0, 5),
    tags: { 'forebay:replica': 'a' },
    spot: true,
    privateAddress: '10.0.0.7',
  });
  expect(Object.fromEntries(asked[0] ?? [])).toEqual({
    Action: 'RunInstances',
    Version: '2016-11-15',
    MinCount: '1',
    MaxCount: '1',
    ClientToken: 'token-1',
    'LaunchTemplate.LaunchTemplateName': 'embedder',
    'LaunchTemplate.Version': '3',
    InstanceType: 'c7g.large',
    SubnetId: 'subnet-1',
    'InstanceMarketOptions.MarketType': 'spot',
    'InstanceMarketOptions.SpotOptions.SpotInstanceType': 'one-time',
    'InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior': 'terminate',
    'TagSpecification.1.ResourceType': 'instance',
    'TagSpecification.1.Tag.1.Key': 'Name',
    'TagSpecification.1.Tag.1.Value': 'a',
    'TagSpecification.1.Tag.2.Key': 'forebay:replica',
    'TagSpecification.1.Tag.2.Value': 'a',
  });
});

it('asks with the same token again when EC2 fails by chance', async () => {
  answers = [
    [500, refusal('InternalError')],
    [200, ran(instance('i-1'))],
  ];
  const { clientToken, launchTemplate: _, spot: __, tags } = request;
  await api.runInstance(
    { clientToken, launchTemplate: { id: 'lt-1', version: '$Default' }, spot: false, tags },
    live(),
  );
  expect(asked.map((each) => [each.get('ClientToken'), each.get('LaunchTemplate.LaunchTemplateId')])).toEqual(
    [
      ['token-1', 'lt-1'],
      ['token-1', 'lt-1'],
    ],
  );
  expect([...(asked[0] ?? [])].some(([key]) => key.startsWith('InstanceMarketOptions'))).toBe(false);
});

it('asks once where there is no room, which EC2 says with status 500', async () => {
  answers = [
    [500, refusal('InsufficientInstanceCapacity')],
    [200, ran(instance('i-1'))],
  ];
  await expect(api.runInstance(request, live())).rejects.toMatchObject({
    code: 'SCALER_DRIVER_CAPACITY',
    retryable: true,
  });
  expect(asked).toHaveLength(1);
});

it('gives a launch up when its signal says so, though the search for credentials goes on', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'forebay-ec2-api-'));
  await writeFile(join(dir, 'config'), '[profile slow]\ncredential_process = sleep 3\n');
  vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
  vi.stubEnv('AWS_CONFIG_FILE', join(dir, 'config'));
  vi.stubEnv('AWS_PROFILE', 'slow');
  try {
    await expect(api.runInstance(request, AbortSignal.timeout(500))).rejects.toMatchObject({
      retryable: true,
      message: expect.stringContaining('launching host "a" as spot'),
    });
    expect(asked).toEqual([]);
  } finally {
    await rm(dir, { recursive: true });
  }
}, 10_000);

it('reads one page at a time, and why instances ended', async () => {
  const ended = `<stateReason><code>Server.SpotInstanceTermination</code><message>Server.SpotInstanceTermination: bye</message></stateReason>`;
  answers = [
    [200, page([instance('i-1'), instance('i-2', ended)], 'more')],
    [200, page([instance('i-3')])],
  ];
  const tags = { 'forebay:pool': 'p' };
  const first = await api.describePage(tags, undefined, live());
  const last = await api.describePage(tags, first.nextToken, live());
  expect([first.instances.map(({ instanceId }) => instanceId), first.nextToken, last.nextToken]).toEqual([
    ['i-1', 'i-2'],
    'more',
    undefined,
  ]);
  expect(first.instances[1]?.stateReason).toEqual({
    code: 'Server.SpotInstanceTermination',
    message: 'Server.SpotInstanceTermination: bye',
  });
  expect(asked.map((each) => each.get('NextToken'))).toEqual([null, 'more']);
  expect([asked[0]?.get('Filter.1.Name'), asked[0]?.get('Filter.1.Value.1')]).toEqual([
    'tag:forebay:pool',
    'p',
  ]);
});

it.each([
  [400, 'InvalidInstanceID.NotFound', 'SCALER_DRIVER_FAILED', false],
  [400, 'MaxSpotInstanceCountExceeded', 'SCALER_DRIVER_CAPACITY', true],
  [403, 'UnauthorizedOperation', 'SCALER_DRIVER_FAILED', false],
] as const)('takes a %i with %s for %s', async (status, name, code, retryable) => {
  answers = [[status, refusal(name, `it was i-1`)]];
  await expect(api.terminate(['i-1'], live())).rejects.toMatchObject({
    code,
    retryable,
    message: `terminating 1 instances: ${name}: it was i-1`,
    cause: { name },
  });
});

it('refuses an answer without what every instance has', async () => {
  answers = [[200, ran('<item><instanceId>i-1</instanceId></item>')]];
  await expect(api.runInstance(request, live())).rejects.toMatchObject({
    code: 'SCALER_DRIVER_FAILED',
    message: expect.stringContaining('EC2 described an instance oddly'),
  });
});

it('gives up when its signal says so', async () => {
  await expect(
    api.describePage({}, undefined, AbortSignal.abort(new Error('too late'))),
  ).rejects.toMatchObject({
    code: 'SCALER_DRIVER_FAILED',
    retryable: true,
    message: 'listing the instances with tags {}: too late',
  });
  expect(asked).toEqual([]);
});
