import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import { afterAll, describe, expect, it } from 'vitest';
import { motoWithClock } from '../../../../rigs/moto/moto-with-clock.ts';
import { countChanges, shownChanges, shownTime } from '../systems/count-changes.ts';
import { countRange } from '../systems/count-limits.ts';
import { exampleConfig } from '../systems/example-config.ts';
import { startGatewayStandIn } from '../systems/gateway-stand-in.ts';
import { Hour } from '../systems/hour.ts';
import { pageSection } from '../systems/page-section.ts';
import { systemTable } from '../systems/system-table.ts';
import { EcsControlPlane } from './ecs-control-plane.ts';

const START_MS = Date.UTC(2027, 0, 15, 8);
const CLUSTER = 'cluster-name';
const SERVICE = 'djl-cpu-service';

/** What all tasks together would use, in tasks' CPUs: quiet, more than ten can hold at 70 %, six tasks' worth, quiet. */
function loadAt(second: number): number {
  if (second <= RISE) return 1.2;
  if (second <= FALL) return 8;
  return second <= CALM ? 4.2 : 1;
}
const [RISE, FALL, CALM] = [300, 1_380, 2_580];

const moto = await motoWithClock(START_MS);
if (moto.kind === 'unavailable') console.warn(`skipped, there is no moto here: ${moto.because}`);

describe.skipIf(moto.kind === 'unavailable')('document 002 on ECS', () => {
  const cloudWatch = new CloudWatchClient(moto);
  afterAll(async () => {
    delete process.env.AWS_ENDPOINT_URL;
    cloudWatch.destroy();
    await moto.close();
  });

  const measured = (percent: number, at: number) =>
    cloudWatch.send(
      new PutMetricDataCommand({
        Namespace: 'AWS/ECS',
        MetricData: [
          {
            MetricName: 'CPUUtilization',
            Dimensions: [
              { Name: 'ClusterName', Value: CLUSTER },
              { Name: 'ServiceName', Value: SERVICE },
            ],
            Timestamp: new Date(at),
            Value: percent,
          },
        ],
      }),
    );

  it('holds 70 % CPU with 2 to 10 tasks through an hour', { timeout: 180_000 }, async () => {
    let nowMs = START_MS - 120_000;
    moto.setTime(nowMs);
    await using plane = await EcsControlPlane.start(
      {
        moto,
        nowMs: () => nowMs,
        cluster: CLUSTER,
        service: SERVICE,
        definition: DEFINITION,
        startupMs: 60_000,
      },
      2,
    );
    process.env.AWS_ENDPOINT_URL = plane.endpoint;
    await using gateway = await startGatewayStandIn(() => ({}));
    await using hour = await Hour.start({
      config: exampleConfig('002-ecs-fargate.yaml', {}, { GATEWAY_URL: gateway.url }),
      startMs: START_MS,
      onTime: (ms) => {
        nowMs = ms;
        moto.setTime(ms);
      },
    });
    const counts = new Set<number>();
    const minutes: number[] = [];
    let sum = 0;
    await hour.pass(3_600, async (second) => {
      await plane.step();
      counts.add(plane.desired);
      sum += Math.min(100, (100 * loadAt(second)) / plane.running.length);
      if (second % 60 !== 0) return;
      minutes.push(sum / 60);
      await measured(sum / 60, START_MS + (second - 60) * 1_000);
      sum = 0;
    });

    const changes = countChanges(hour, 'djl-cpu');
    const out = changes.filter(({ from, to }) => to > from);
    const into = changes.filter(({ from, to }) => to < from);
    const ticks = hour.ticks('djl-cpu');
    const votesOf = (second: number) => {
      const [counted] = ticks.find((tick) => tick.second === second)?.decision.votes ?? [];
      return counted?.vote;
    };
    const range = [Math.min(...counts), Math.max(...counts)];
    const sixFromMinute = Math.ceil(((into[0]?.second ?? 0) + 10) / 60);
    const tracked = minutes.slice(sixFromMinute, CALM / 60).map(Math.round);
    const starts = hour.events.flatMap((event) => (event.kind === 'started' ? [event.seconds] : []));
    const ended = hour.events.flatMap((event) => (event.kind === 'ended' ? [event.cause] : []));
    const failed = hour.events.flatMap((event) =>
      event.kind === 'driver-called' && event.error !== undefined ? [event.error] : [],
    );

    expect([range, countRange(2, changes)]).toEqual([
      [2, 10],
      [2, 10],
    ]);
    // What AWS calculates too: ready × CPU / 70, above the count on the way out, below it on the way in.
    for (const { second, from, to } of changes) {
      const vote = votesOf(second);
      expect(vote).toMatchObject({ kind: 'wants', policy: 'target-tracking' });
      expect(vote?.kind === 'wants' && vote.replicas > from).toBe(to > from);
    }
    expect(out[0]?.second).toBeGreaterThanOrEqual(RISE + 180);
    expect(into[0]?.second).toBeGreaterThanOrEqual(FALL + 900);
    expect([into[0]?.to, into.at(-1)?.to]).toEqual([6, 2]);
    expect(new Set(tracked)).toEqual(new Set([70]));
    expect(failed).toEqual([]);
    // Those that were drained, and no others: they would be lost.
    expect(new Set(ended)).toEqual(new Set(['empty']));
    expect(hour.events.filter(({ kind }) => kind === 'lost' || kind === 'tick-failed')).toEqual([]);
    expect(plane.tasks.length).toBe(2);

    const table = systemTable([
      [
        '`--min-capacity 2`, `--max-capacity 10`',
        '`min: 2, max: 10`',
        `${range.join(' to ')} as the service's count, looked at each second`,
      ],
      [
        '`TargetValue=70.0` of `ECSServiceAverageCPUUtilization`',
        '`target-tracking` of `cpu_percent`, which the driver reads from CloudWatch',
        `${[...new Set(tracked)].join(' to ')} % in each minute from ${sixFromMinute}:00 to ${shownTime(CALM)}, under a load that six tasks hold`,
      ],
      [
        'no times; AWS makes an alarm of 3 minutes above the target',
        '`stabilizationSeconds.out: 180`',
        `${shownChanges(out)}; the load rose at ${shownTime(RISE)}, and a minute's mean is there when the minute is over`,
      ],
      [
        'no times; AWS makes an alarm of 15 minutes below 0.9 × the target',
        '`stabilizationSeconds.in: 900`, `tolerance.in: 0.1`',
        `${shownChanges(into)}; the load fell at ${shownTime(FALL)} and ${shownTime(CALM)}`,
      ],
      [
        '`startPeriod: 60` of the health check',
        '`startup.expectedSeconds: 60`',
        `${starts.length} tasks that answer after 60 s were ready after ${[...new Set(starts)].join(' or ')} s`,
      ],
      [
        'nothing about which task goes',
        'task protection, as is the default',
        `${ended.filter((cause) => cause === 'empty').length} of ${ended.length} ended when they were empty, and ECS took exactly those`,
      ],
    ]);
    const { path, text } = pageSection('002.md', 'ecs', table);
    await expect(text).toMatchFileSnapshot(path);
  });
});

/** The document's, with container sizes beside those of the task, since moto wants them there. */
const DEFINITION: RegisterTaskDefinitionCommandInput = {
  family: 'djl-cpu-embedding',
  networkMode: 'awsvpc',
  requiresCompatibilities: ['FARGATE'],
  cpu: '2048',
  memory: '4096',
  containerDefinitions: [
    {
      name: 'djl',
      image: 'deepjavalibrary/djl-serving:0.32.0-pytorch-cpu',
      cpu: 2_048,
      memory: 4_096,
      environment: [
        {
          name: 'SERVING_LOAD_MODELS',
          value: 'djl://ai.djl.huggingface.pytorch/sentence-transformers/all-MiniLM-L6-v2',
        },
        { name: 'OMP_NUM_THREADS', value: '4' },
      ],
      portMappings: [{ containerPort: 8_080, protocol: 'tcp' }],
      healthCheck: {
        command: ['CMD-SHELL', 'curl -f http://localhost:8080/ping || exit 1'],
        interval: 30,
        timeout: 5,
        retries: 3,
        startPeriod: 60,
      },
    },
  ],
};
