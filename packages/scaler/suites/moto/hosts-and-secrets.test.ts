import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateTagsCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { motoUnderTest } from '../../../../rigs/moto/moto-under-test.ts';
import { startMetadataStub } from '../../src/aws/metadata-stub.test-support.ts';
import { startCannedServer } from '../../src/signals/canned-server.test-support.ts';
import { exchange } from '../../test/exchange.ts';
import { eventually } from '../../test/scaler-site.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const moto = await motoUnderTest();
if (moto.kind === 'unavailable') console.warn(`skipped, there is no moto here: ${moto.because}`);

describe.skipIf(moto.kind === 'unavailable')('on moto', () => {
  const { endpoint, region } = moto;
  const aws = { endpoint, region };
  const secrets = new SecretsManagerClient(aws);
  const env = {
    PATH: process.env.PATH,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'testing',
    AWS_SECRET_ACCESS_KEY: 'testing',
  };

  afterEach(() => moto.reset());
  afterAll(() => moto.close());

  const create = (Name: string, SecretString: string) =>
    secrets.send(new CreateSecretCommand({ Name, SecretString }));

  /** The program with these arguments; without AWS_REGION unless it is given. */
  function run(args: readonly string[], more: Readonly<Record<string, string>> = {}) {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: { ...env, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (part: Buffer) => {
        said += part;
      });
    return {
      said: () => said,
      ended: once(child, 'close').then(([code]) => code as number | null), // as node says it
      stop: () => void child.kill('SIGTERM'),
    };
  }

  it('a scaler takes its configuration from a secret, and hears of a spot interruption through a queue', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'forebay-moto-'));
    const sqs = new SQSClient(aws);
    const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'notices' }));
    const config = {
      port: 0,
      state: join(dir, 'state.db'),
      gatewayUrl: 'http://127.0.0.1:9',
      groups: [{ min: 0, initial: 0 }],
      interruptionQueues: [{ url, endpoint, region }],
    };
    await create('forebay/scaler', JSON.stringify(config));
    const scaler = run(['--config', 'secret:forebay/scaler'], { AWS_REGION: region });
    const said = await eventually(scaler.said, (text) => text.includes('listens on'));
    const origin = /listens on (http:\/\/\S+)/.exec(said)?.[1];
    const time = new Date(Date.now() - 10_000).toISOString();
    const detail = { 'instance-id': 'i-0123456789abcdef0', 'instance-action': 'terminate' };
    for (const event of [
      { 'detail-type': 'EC2 Spot Instance Interruption Warning', time, detail },
      { 'detail-type': 'Odd', time, detail },
    ])
      await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: JSON.stringify(event) }));
    const list = await eventually(
      async () => (await exchange(`${origin}/v1/hosts`)).json() as { readonly unknown: readonly unknown[] },
      ({ unknown }) => unknown.length > 0,
    );
    expect(list.unknown).toEqual([
      {
        id: 'i-0123456789abcdef0',
        reports: [
          {
            state: 'leaving',
            because: 'spot interruption: terminate',
            age_seconds: expect.any(Number),
            deadline_seconds: expect.any(Number),
          },
        ],
      },
    ]);
    const left = await eventually(
      async () => {
        const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
        const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...names] });
        return Object.values((await sqs.send(command)).Attributes ?? {});
      },
      (counts) => counts.every((count) => count === '0'),
    );
    expect(left).toEqual(['0', '0']);
    const { text } = await exchange(`${origin}/metrics`);
    expect(text).toContain('forebay_scaler_notices_total{outcome="kept"} 1\n');
    expect(text).toContain('forebay_scaler_notices_total{outcome="unknown"} 1\n');
    scaler.stop();
    expect(await scaler.ended).toBe(0);
    await rm(dir, { recursive: true });
  });

  it('finds the secret that a tag of its instance names, asking EC2 where metadata shows no tags', async () => {
    const ec2 = new EC2Client(aws);
    const { Instances: [instance] = [] } = await ec2.send(
      new RunInstancesCommand({ ImageId: 'ami-12c6146b', MinCount: 1, MaxCount: 1 }),
    );
    const id = instance?.InstanceId ?? '';
    const Tags = [{ Key: 'ConfSecret', Value: 'forebay/scaler' }];
    await ec2.send(new CreateTagsCommand({ Resources: [id], Tags }));
    await create('forebay/scaler', 'port: 8123\nstate: ":memory:"\n');
    await using stub = await startMetadataStub({ 'instance-id': id, 'placement/region': region });
    const metadata = { AWS_EC2_METADATA_SERVICE_ENDPOINT: stub.url };
    const found = run(['--config', 'secret-tag:ConfSecret', '--check-config'], metadata);
    expect([await found.ended, found.said()]).toEqual([
      0,
      expect.stringContaining('port: 8123 # secret-tag:ConfSecret:1\n'),
    ]);
    const other = run(['--config', 'secret-tag:Other', '--check-config'], metadata);
    expect([await other.ended, other.said()]).toEqual([
      1,
      expect.stringContaining(`instance ${id} in ${region} has no tag Other`),
    ]);
    const none = run(['--config', 'secret:forebay/other', '--check-config'], metadata);
    expect([await none.ended, none.said()]).toEqual([
      1,
      expect.stringContaining(`reading secret "forebay/other" in ${region}: there is none`),
    ]);
  });

  it('an agent takes its token from a secret', async () => {
    const tokens: (string | undefined)[] = [];
    await using scaler = await startCannedServer((request, response) => {
      tokens.push(request.headers.authorization);
      response.writeHead(202).end('{"known":false,"id":"i-1"}');
    });
    await using model = await startCannedServer((_request, response) => response.end('ok'));
    await using stub = await startMetadataStub({ 'instance-id': 'i-1', 'placement/region': region });
    await create('forebay/hosts-token', 'inn\n');
    const args = ['--scaler', scaler.url, '--probe', model.url, '--token-secret', 'forebay/hosts-token'];
    const agent = run(['agent', ...args], { AWS_EC2_METADATA_SERVICE_ENDPOINT: stub.url });
    await eventually(
      () => tokens,
      (seen) => seen.length > 0,
    );
    expect(tokens[0]).toBe('Bearer inn');
    agent.stop();
    expect(await agent.ended).toBe(0);
  });
});
