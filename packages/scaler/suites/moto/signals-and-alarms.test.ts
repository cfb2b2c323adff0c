import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { motoUnderTest } from '../../../../rigs/moto/moto-under-test.ts';
import { highCpuAlarm } from '../../src/alarms/alarm.ts';
import { alarmsOf, notifiersOf } from '../../src/alarms-of.ts';
import { openCloudWatchApi } from '../../src/aws/cloudwatch-api.ts';
import { openSqsApi } from '../../src/aws/sqs-api.ts';
import { systemClock } from '../../src/clock.ts';
import { collectedSignals } from '../../src/collected-signals.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { makeLogger } from '../../src/log.ts';

const moto = await motoUnderTest();
if (moto.kind === 'unavailable') console.warn(`skipped, there is no moto here: ${moto.because}`);

const live = () => AbortSignal.timeout(20_000);

function configOf(yaml: string) {
  const loaded = loadConfig({ env: { HOME: '/h' }, argv: ['--config', 'f'], readFile: () => yaml });
  if (loaded.kind === 'config-error') throw new Error(loaded.message);
  return loaded.config;
}

describe.skipIf(moto.kind === 'unavailable')('AWS signals and alarms on moto', () => {
  const place = { region: moto.region, endpoint: moto.endpoint };
  const sqs = new SQSClient(place);
  const cloudWatch = new CloudWatchClient(place);
  const sns = new SNSClient(place);
  beforeEach(() => moto.reset());
  afterAll(async () => {
    for (const client of [sqs, cloudWatch, sns]) client.destroy();
    await moto.close();
  });

  async function makeQueue(name: string): Promise<string> {
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
    return QueueUrl;
  }

  it('counts, receives and deletes messages', async () => {
    const url = await makeQueue('jobs');
    const api = openSqsApi(place);
    for (let i = 0; i < 14; i += 1)
      await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: `job ${i}` }));
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'later', DelaySeconds: 600 }));
    const first = await api.receive(url, { maxMessages: 10, waitSeconds: 0 }, live());
    expect([first.length, first[0]?.body]).toEqual([10, 'job 0']);
    expect(await api.depth(url, live())).toEqual({ visible: 4, notVisible: 10, delayed: 1 });
    const rest = await api.receive(url, { maxMessages: 10, waitSeconds: 0 }, live());
    await api.delete(
      url,
      [...first, ...rest].map(({ receipt }) => receipt),
      live(),
    );
    expect(await api.depth(url, live())).toEqual({ visible: 0, notVisible: 0, delayed: 1 });
    expect(await api.receive(url, { maxMessages: 1, waitSeconds: 1 }, live())).toEqual([]);
    await api.close();
  });

  it('gives up a long poll when it is told to', async () => {
    const url = await makeQueue('jobs');
    const api = openSqsApi(place);
    const beganAtMs = Date.now();
    const poll = api.receive(url, { maxMessages: 1, waitSeconds: 20 }, AbortSignal.timeout(300));
    await expect(poll).rejects.toMatchObject({ code: 'SCALER_DRIVER_FAILED', retryable: true });
    expect(Date.now() - beganAtMs).toBeLessThan(5_000);
    await api.close();
  });

  it('reads 501 metrics, those that have no datapoint included', async () => {
    const at = new Date(Date.now() - 180_000);
    const MetricData = [1, 2].map((Value) => ({ MetricName: 'm500', Timestamp: at, Value }));
    await cloudWatch.send(new PutMetricDataCommand({ Namespace: 'N', MetricData }));
    const api = openCloudWatchApi(place);
    const queries = Array.from({ length: 501 }, (_, index) => ({
      namespace: 'N',
      name: `m${index}`,
      dimensions: {},
      statistic: 'Sum',
      periodSeconds: 60,
    }));
    const samples = await api.getMetrics(queries, Date.now(), live());
    expect(samples).toHaveLength(501);
    expect(samples[0]).toMatchObject({
      kind: 'missing',
      reason: 'CloudWatch has no N m0{} (Sum, 60 s) in the last 600 s',
    });
    const last = samples.at(-1);
    expect(last).toMatchObject({ kind: 'value', value: 3 });
    // The period's end.
    expect(Math.abs((last?.atMs ?? 0) - at.getTime())).toBeLessThanOrEqual(60_000);
    await api.close();
  });

  it('gives two groups each their own cpu_percent, and a queue to one of them', async () => {
    const url = await makeQueue('jobs');
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'a' }));
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'b' }));
    const api = openSqsApi(place);
    await api.receive(url, { maxMessages: 1, waitSeconds: 0 }, live());
    const asg = (name: string, Value: number) => ({
      MetricName: 'CPUUtilization',
      Dimensions: [{ Name: 'AutoScalingGroupName', Value: name }],
      Timestamp: new Date(Date.now() - 700_000),
      Value,
    });
    const MetricData = [asg('asg-small', 41), asg('asg-large', 87)];
    await cloudWatch.send(new PutMetricDataCommand({ Namespace: 'AWS/EC2', MetricData }));
    const at = `region: ${place.region}, endpoint: '${place.endpoint}'`;
    const metric = (of: string) =>
      `{type: cloudwatch, group: ${of}, ${at}, namespace: AWS/EC2, metric: CPUUtilization, dimensions: {AutoScalingGroupName: asg-${of}}}`;
    const signals = collectedSignals(
      configOf(`
gatewayUrl: http://127.0.0.1:9
groups: [{ name: small }, { name: large }]
signals:
  cpu_percent: [${metric('small')}, ${metric('large')}]
  jobs: {type: sqs, group: large, ${at}, queueUrl: '${url}'}
`),
      systemClock,
      () => new Map(),
      {},
    );
    const readings = await signals.read(Date.now(), live());
    const of = (name: string) => {
      const { cpu_percent, jobs } = readings.samplesFor({ name, class: '', replicaIds: [], readyIds: [] });
      return [cpu_percent, jobs].map((sample) => (sample?.kind === 'value' ? sample.value : sample));
    };
    expect([of('small'), of('large')]).toEqual([
      [41, undefined],
      [87, 2],
    ]);
    await Promise.all([signals.close(), api.close()]);
  });

  it('publishes an alarm on a topic when it begins and ends, as a subscribed queue shows', async () => {
    const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'hot' }));
    const url = await makeQueue('mails');
    const Endpoint = `arn:aws:sqs:${place.region}:123456789012:mails`;
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
    const yaml = `
groups: [{ name: small }]
alarms: [{name: small-high-cpu, signal: cpu_percent, above: 80, snsTopicArn: '${TopicArn}', snsEndpoint: '${place.endpoint}'}]`;
    const log = makeLogger('fatal', { write: () => undefined });
    const notifier = notifiersOf(alarmsOf(configOf(yaml)), log, systemClock).get('small-high-cpu');
    const settings = highCpuAlarm('small');
    const state = (name: 'OK' | 'ALARM') => ({ name, sinceMs: 1_800_000_000_000, because: `it is ${name}` });
    notifier?.notify({ settings, from: 'INSUFFICIENT_DATA', state: state('OK') });
    notifier?.notify({ settings, from: 'OK', state: state('ALARM') });
    notifier?.notify({ settings, from: 'ALARM', state: state('OK') });
    const api = openSqsApi(place);
    const mails: { readonly Subject: string; readonly Message: string }[] = [];
    await expect
      .poll(
        async () => {
          const messages = await api.receive(url, { maxMessages: 10, waitSeconds: 0 }, live());
          mails.push(...messages.map(({ body }) => JSON.parse(body)));
          return mails.length;
        },
        { timeout: 20_000 },
      )
      .toBe(2);
    expect(mails.map(({ Subject }) => Subject)).toEqual([
      'ALARM: small-high-cpu of group small',
      'OK: small-high-cpu of group small',
    ]);
    expect(JSON.parse(mails[0]?.Message ?? '')).toEqual({
      alarm: 'small-high-cpu',
      group: 'small',
      signal: 'cpu_percent',
      state: 'ALARM',
      previous_state: 'OK',
      reason: 'it is ALARM',
      comparison: 'above',
      threshold: 80,
      periods: 2,
      period_seconds: 300,
      at: '2027-01-15T08:00:00.000Z',
    });
    await notifier?.close();
    await api.close();
  });
});
