import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, describe, expect, it } from 'vitest';
import { motoUnderTest } from '../../../../rigs/moto/moto-under-test.ts';
import { openSqsApi } from '../../src/aws/sqs-api.ts';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { makeLogger } from '../../src/log.ts';
import { systemRandom } from '../../src/random.ts';
import { startCannedServer } from '../../src/signals/canned-server.test-support.ts';
import { cannedExposition } from '../../src/signals/exposition.test-support.ts';
import { startScaler } from '../../src/start-scaler.ts';
import { asgOnMoto } from './asg-on-moto.ts';

const moto = await motoUnderTest();
if (moto.kind === 'unavailable') console.warn(`skipped, there is no moto here: ${moto.because}`);

const live = () => AbortSignal.timeout(20_000);

describe.skipIf(moto.kind === 'unavailable')('a whole scaler on moto', () => {
  const { endpoint, region } = moto;
  afterAll(() => moto.close());

  it('brings a group from zero for the first message, keeps it while messages are worked on, and back to zero', async () => {
    await moto.reset();
    await asgOnMoto(moto, ['asg-workers'], { maxSize: 5 });
    const sqs = new SQSClient({ endpoint, region });
    const aws = new AutoScalingClient({ endpoint, region });
    const { QueueUrl: queueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }));
    await using gateway = await startCannedServer((_, response) => response.end(cannedExposition({})));
    const config = `
port: 0
state: ':memory:'
gatewayUrl: ${gateway.url}
signals:
  jobs: { type: sqs, region: ${region}, endpoint: '${endpoint}', queueUrl: '${queueUrl}' }
groups:
  - name: workers
    driver: asg
    driverOptions: { region: ${region}, endpoint: '${endpoint}', autoScalingGroupName: asg-workers, healthPath: false }
    min: 0
    initial: 0
    max: 5
    intervalSeconds: 1
    stabilizationSeconds: { out: 0, in: 0 }
    cooldownSeconds: { out: 0, in: 0 }
    drainSeconds: 30
    policies: [{ type: backlog, signal: jobs, perReplica: 1 }]
`;
    const loaded = loadConfig({ env: { HOME: '/h' }, argv: ['--config', 'f'], readFile: () => config });
    if (loaded.kind === 'config-error') throw new Error(loaded.message);
    const lines: string[] = [];
    const log = makeLogger('info', { write: (line) => void lines.push(line) });
    const parts = { config: loaded.config, clock: systemClock, random: systemRandom, log, env: {} };
    const scaler = await startScaler(parts);
    const queue = openSqsApi({ endpoint, region });
    const sizes = async () => {
      const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['asg-workers'] });
      const [group] = (await aws.send(command)).AutoScalingGroups ?? [];
      return [group?.DesiredCapacity, group?.Instances?.length];
    };
    const become = (count: number) =>
      expect.poll(sizes, { timeout: 60_000, interval: 500, message: lines.join('') }).toEqual([count, count]);
    const backends = async () => {
      const answer = await fetch(`${scaler.url}/v1/backends`);
      const { backends: listed } = (await answer.json()) as { backends: { url: string; state: string }[] };
      return listed.filter(({ state }) => state === 'ready').map(({ url }) => url);
    };
    try {
      await become(0);
      await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'first' }));
      await become(1);
      for (const body of ['second', 'third'])
        await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }));
      await become(3);
      await expect.poll(backends, { timeout: 30_000 }).toHaveLength(3);
      expect((await backends())[0]).toMatch(/^http:\/\/10\.[0-9.]+:8080\/predictions\/all-MiniLM-L6-v2$/);

      const messages = await queue.receive(queueUrl, { maxMessages: 10, waitSeconds: 0 }, live());
      expect(messages).toHaveLength(3);
      // Two ticks see that nothing waits and all is being worked on.
      await systemClock.sleep(12_000);
      expect(await sizes()).toEqual([3, 3]);

      const [one, ...rest] = messages.map(({ receipt }) => receipt);
      await queue.delete(queueUrl, [one ?? ''], live());
      await become(2);
      await queue.delete(queueUrl, rest, live());
      await become(0);
    } finally {
      await scaler.stop();
      await queue.close();
      sqs.destroy();
      aws.destroy();
    }
  });
});
