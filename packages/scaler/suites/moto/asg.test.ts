import {
  AutoScalingClient,
  PutScalingPolicyCommand,
  PutScheduledUpdateGroupActionCommand,
  SetInstanceProtectionCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { motoUnderTest } from '../../../../rigs/moto/moto-under-test.ts';
import { openAutoScalingApi } from '../../src/aws/auto-scaling-api.ts';
import { openCloudWatchApi } from '../../src/aws/cloudwatch-api.ts';
import { openInstanceAddresses } from '../../src/aws/describe-instances.ts';
import { systemClock } from '../../src/clock.ts';
import { asgOptionsSchema } from '../../src/drivers/asg/asg-options.ts';
import { AsgDriver } from '../../src/drivers/asg-driver.ts';
import type { DriverEvent } from '../../src/drivers/driver.ts';
import { driverContract } from '../../src/drivers/driver-contract.test-support.ts';
import { asgOnMoto } from './asg-on-moto.ts';

const moto = await motoUnderTest();
if (moto.kind === 'unavailable') console.warn(`skipped, there is no moto here: ${moto.because}`);

const live = () => AbortSignal.timeout(20_000);
/** Nobody listens here. */
const NOWHERE = 'http://127.0.0.1:9';

describe.skipIf(moto.kind === 'unavailable')('Auto Scaling groups on moto', () => {
  const { region } = moto;
  afterAll(() => moto.close());

  /** Moto's instances are no machines: each answers from the second look on; the first one asks three times. */
  function secondLook() {
    const asked = new Map<string, number>();
    return async (url: string) => {
      const times = (asked.get(url) ?? 0) + 1;
      asked.set(url, times);
      return times > 3;
    };
  }

  function driverOn(
    endpoint: string,
    own: object = {},
    onEvent: (event: DriverEvent) => void = () => undefined,
  ) {
    const options = (autoScalingGroupName: string) =>
      asgOptionsSchema.parse({ autoScalingGroupName, region, ...own });
    const place = { region, endpoint };
    return new AsgDriver(
      new Map([
        ['cpu', options('asg-cpu')],
        ['gpu', options('asg-gpu')],
      ]),
      {
        autoScaling: openAutoScalingApi(place),
        ec2: openInstanceAddresses(place),
        cloudWatch: openCloudWatchApi(place),
        ping: secondLook(),
        clock: systemClock,
        onEvent,
      },
    );
  }

  driverContract(
    'asg',
    async () => {
      await moto.reset();
      await asgOnMoto(moto, ['asg-cpu', 'asg-gpu']);
      const drivers: AsgDriver[] = [];
      return {
        groups: ['cpu', 'gpu'],
        driver() {
          const driver = driverOn(moto.endpoint);
          drivers.push(driver);
          return driver;
        },
        pass: async () => undefined,
        async close() {
          await Promise.all(drivers.map((driver) => driver.close()));
        },
      };
    },
    { showsStarting: true, knowsUrls: true },
  );

  describe('the asg driver', () => {
    const aws = new AutoScalingClient(moto);
    beforeEach(async () => {
      await moto.reset();
      await asgOnMoto(moto, ['asg-cpu'], { minSize: 1, maxSize: 4 });
    });
    afterAll(() => aws.destroy());
    const order = (desired: number, ...remove: readonly string[]) => ({
      group: 'cpu',
      desired,
      launch: [],
      remove,
    });

    it('shows instances with their private addresses and launch times', async () => {
      const driver = driverOn(moto.endpoint, { port: 9000, path: '/p' });
      const [replica] = await driver.list('cpu', live());
      expect(replica).toMatchObject({ state: 'starting', note: 'InService', machine: replica?.id });
      expect(replica?.id).toMatch(/^i-[0-9a-f]{17}$/);
      expect(replica?.url).toMatch(/^http:\/\/10\.[0-9.]+:9000\/p$/);
      expect(Math.abs(Date.now() - (replica?.launchedAtMs ?? 0))).toBeLessThan(60_000);
      await driver.close();
    });

    it('keeps to MinSize and MaxSize', async () => {
      const driver = driverOn(moto.endpoint);
      await expect(driver.scale(order(9), live())).rejects.toMatchObject({
        code: 'SCALER_DRIVER_CAPACITY',
        message: expect.stringContaining('MaxSize of Auto Scaling group asg-cpu is 4'),
      });
      const ids = (await driver.list('cpu', live())).map(({ id }) => id);
      expect(ids).toHaveLength(4);
      await expect(driver.scale(order(0, ...ids), live())).rejects.toMatchObject({
        code: 'SCALER_DRIVER_FAILED',
        message: expect.stringContaining('MinSize of Auto Scaling group asg-cpu is 1'),
      });
      expect(await driver.list('cpu', live())).toHaveLength(1);
      await driver.close();
    });

    it.each([
      [
        'a target tracking policy',
        'TargetTrackingScaling "cpu-60"',
        () =>
          aws.send(
            new PutScalingPolicyCommand({
              AutoScalingGroupName: 'asg-cpu',
              PolicyName: 'cpu-60',
              PolicyType: 'TargetTrackingScaling',
              TargetTrackingConfiguration: {
                PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' },
                TargetValue: 60,
              },
            }),
          ),
      ],
      [
        'a scheduled action',
        'ScheduledAction "nights"',
        () =>
          aws.send(
            new PutScheduledUpdateGroupActionCommand({
              AutoScalingGroupName: 'asg-cpu',
              ScheduledActionName: 'nights',
              Recurrence: '0 20 * * *',
              DesiredCapacity: 1,
            }),
          ),
      ],
    ])('refuses to act beside %s, or warns', async (_name, found, put) => {
      await put();
      const events: DriverEvent[] = [];
      const [refuses, warns] = [
        driverOn(moto.endpoint),
        driverOn(moto.endpoint, { onForeignScaler: 'warn' }, (event) => events.push(event)),
      ];
      await expect(refuses.scale(order(2), live())).rejects.toMatchObject({
        code: 'SCALER_DRIVER_CONFLICT',
        message: expect.stringContaining(found),
      });
      await warns.scale(order(2), live());
      expect(await warns.list('cpu', live())).toHaveLength(2);
      expect(events).toMatchObject([{ kind: 'warned', message: expect.stringContaining(found) }]);
      await Promise.all([refuses.close(), warns.close()]);
    });

    it.each([
      ['ForecastOnly', undefined],
      ['ForecastAndScale', 'PredictiveScaling "tomorrow"'],
    ] as const)('takes a predictive policy in mode %s for %s', async (Mode, found) => {
      await aws.send(
        new PutScalingPolicyCommand({
          AutoScalingGroupName: 'asg-cpu',
          PolicyName: 'tomorrow',
          PolicyType: 'PredictiveScaling',
          PredictiveScalingConfiguration: {
            Mode,
            MetricSpecifications: [
              {
                TargetValue: 60,
                PredefinedMetricPairSpecification: { PredefinedMetricType: 'ASGCPUUtilization' },
              },
            ],
          },
        }),
      );
      const driver = driverOn(moto.endpoint);
      const outcome = await driver.scale(order(2), live()).then(
        () => 'done',
        (error: Error) => error.message,
      );
      expect(outcome).toContain(found ?? 'done');
      await driver.close();
    });

    it('leaves an instance that somebody protected', async () => {
      const driver = driverOn(moto.endpoint);
      await driver.scale(order(3), live());
      const [a = '', b = ''] = (await driver.list('cpu', live())).map(({ id }) => id);
      await aws.send(
        new SetInstanceProtectionCommand({
          AutoScalingGroupName: 'asg-cpu',
          InstanceIds: [a],
          ProtectedFromScaleIn: true,
        }),
      );
      await driver.scale(order(1, a, b), live());
      const left = (await driver.list('cpu', live())).map(({ id }) => id);
      expect([left.includes(a), left.includes(b), left.length]).toEqual([true, false, 2]);
      await driver.close();
    });

    it('says that a process is suspended', async () => {
      await aws.send(
        new SuspendProcessesCommand({ AutoScalingGroupName: 'asg-cpu', ScalingProcesses: ['Terminate'] }),
      );
      const driver = driverOn(moto.endpoint);
      await driver.scale(order(2), live());
      const [a = ''] = (await driver.list('cpu', live())).map(({ id }) => id);
      await expect(driver.scale(order(1, a), live())).rejects.toMatchObject({
        message: expect.stringContaining('process Terminate of Auto Scaling group asg-cpu is suspended'),
      });
      await driver.close();
    });

    it('measures CPU as CloudWatch has it', async () => {
      const driver = driverOn(moto.endpoint);
      expect(await driver.measure('cpu', live())).toMatchObject({ cpu_percent: { kind: 'missing' } });
      const cloudWatch = new CloudWatchClient(moto);
      await cloudWatch.send(
        new PutMetricDataCommand({
          Namespace: 'AWS/EC2',
          MetricData: [40, 80].map((Value) => ({
            MetricName: 'CPUUtilization',
            Dimensions: [{ Name: 'AutoScalingGroupName', Value: 'asg-cpu' }],
            Timestamp: new Date(Date.now() - 700_000),
            Value,
          })),
        }),
      );
      const later = driverOn(moto.endpoint);
      expect(await later.measure('cpu', live())).toMatchObject({ cpu_percent: { kind: 'value', value: 60 } });
      cloudWatch.destroy();
      await Promise.all([driver.close(), later.close()]);
    });

    it('says what is not there, and what is out of reach', async () => {
      const [wrong, away] = [driverOn(moto.endpoint, { autoScalingGroupName: 'asg-cup' }), driverOn(NOWHERE)];
      await expect(wrong.list('cpu', live())).rejects.toMatchObject({
        message: expect.stringContaining('there is no Auto Scaling group asg-cup in eu-west-1'),
      });
      await expect(away.list('cpu', live())).rejects.toMatchObject({
        code: 'SCALER_DRIVER_FAILED',
        retryable: true,
      });
      await Promise.all([wrong.close(), away.close()]);
    });
  });
});
