import {
  ApplicationAutoScalingClient,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { afterAll, describe, expect, it } from 'vitest';
import { motoUnderTest } from '../../../../rigs/moto/moto-under-test.ts';
import { openApplicationAutoScalingApi } from '../../src/aws/application-auto-scaling-api.ts';
import { openCloudWatchApi } from '../../src/aws/cloudwatch-api.ts';
import { openInstanceAddresses } from '../../src/aws/describe-instances.ts';
import { openEcsApi } from '../../src/aws/ecs-api.ts';
import { systemClock } from '../../src/clock.ts';
import type { Driver, DriverEvent } from '../../src/drivers/driver.ts';
import { driverContract } from '../../src/drivers/driver-contract.test-support.ts';
import { type EcsOptions, ecsOptionsSchema } from '../../src/drivers/ecs/ecs-options.ts';
import { EcsDriver } from '../../src/drivers/ecs-driver.ts';
import { cutWire } from './cut-wire.ts';
import { CLUSTER, EcsOnMoto } from './ecs-on-moto.ts';

const moto = await motoUnderTest();
if (moto.kind === 'unavailable') console.warn(`skipped, there is no moto here: ${moto.because}`);

/** Services `cpu` and `gpu`, each a group of the same name. moto has no task protection. */
async function site(options: Partial<EcsOptions> = {}) {
  if (moto.kind === 'unavailable') throw new Error(moto.because);
  await moto.reset();
  const { region } = moto;
  const platform = new EcsOnMoto(moto);
  await platform.create('cpu', 'gpu');
  const wire = await cutWire(moto.endpoint);
  const settings = { endpoint: wire.endpoint, region };
  const groups = new Map(
    ['cpu', 'gpu'].map((service) => {
      const given = { ...settings, cluster: CLUSTER, service, taskProtection: false, ...options };
      return [service, ecsOptionsSchema.parse(given)];
    }),
  );
  const events: DriverEvent[] = [];
  const drivers: Driver[] = [];
  const driver = () => {
    const made = new EcsDriver(groups, {
      ecs: openEcsApi(settings),
      instances: openInstanceAddresses(settings),
      cloudWatch: openCloudWatchApi(settings),
      scaling: openApplicationAutoScalingApi(settings),
      clock: systemClock,
      onEvent: (event) => events.push(event),
    });
    drivers.push(made);
    return made;
  };
  const close = async () => {
    await Promise.all(drivers.map((each) => each.close()));
    await wire.cut();
    platform.close();
  };
  return { platform, driver, events, wire, close, moto };
}

const live = () => AbortSignal.timeout(20_000);
const order = (desired: number) => ({ group: 'cpu', desired, launch: [], remove: [] });

describe.skipIf(moto.kind === 'unavailable')('on moto', () => {
  afterAll(async () => {
    if (moto.kind === 'running') await moto.close();
  });

  driverContract(
    'ecs',
    async () => {
      const { platform, driver, wire, close } = await site();
      return {
        groups: ['cpu', 'gpu'],
        driver,
        pass: () => platform.step(),
        cutOff: () => wire.cut(),
        close,
      };
    },
    // moto's tasks run from the first.
    { showsStarting: false, knowsUrls: true },
  );

  it('knows the instance of a task, and that it drains', async () => {
    const { platform, driver, close } = await site({ url: 'none' });
    const { instanceId, drain } = await platform.runOnInstance('cpu');
    const ecs = driver();
    const [replica] = await ecs.list('cpu', live());
    expect(replica).toEqual({
      id: expect.stringMatching(/^cpu-[0-9a-f-]{36}$/),
      state: 'ready',
      machine: instanceId,
    });
    await drain();
    const because = `container instance ${instanceId} is draining`;
    expect(await ecs.list('cpu', live())).toEqual([{ ...replica, leaving: { because } }]);
    await close();
  });

  it('refuses to act while Application Auto Scaling has the service, and acts on another', async () => {
    const {
      driver,
      events,
      close,
      moto: { endpoint, region },
    } = await site();
    const scaling = new ApplicationAutoScalingClient({ endpoint, region });
    const target = {
      ServiceNamespace: 'ecs',
      ResourceId: `service/${CLUSTER}/cpu`,
      ScalableDimension: 'ecs:service:DesiredCount',
      MinCapacity: 2,
      MaxCapacity: 10,
    } as const;
    await scaling.send(new RegisterScalableTargetCommand(target));
    const refused = driver();
    await expect(refused.scale(order(2), live())).rejects.toMatchObject({
      code: 'SCALER_DRIVER_CONFLICT',
      message: expect.stringContaining('holds service/embed/cpu between 2 and 10 tasks too'),
    });
    expect(await refused.list('cpu', live())).toEqual([]);
    await refused.scale({ ...order(1), group: 'gpu' }, live());
    expect(events).toEqual([{ kind: 'warned', group: 'cpu', message: expect.any(String) }]);
    scaling.destroy();
    await close();
  });

  it('says which service is missing', async () => {
    const { driver, close } = await site({ service: 'nobody' });
    await expect(driver().list('cpu', live())).rejects.toMatchObject({
      code: 'SCALER_DRIVER_FAILED',
      message: expect.stringContaining('nobody'),
    });
    await close();
  });
});
