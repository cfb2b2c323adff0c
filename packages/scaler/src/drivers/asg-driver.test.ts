import { ManualClock } from '@forebay/testing';
import { describe, expect, it } from 'vitest';
import { ScalerError } from '../errors.ts';
import type { Sample } from '../values/sample.ts';
import type { AsgOptions } from './asg/asg-options.ts';
import {
  FakeAutoScaling,
  type FakeAutoScalingOptions,
  type FakeGroup,
} from './asg/fake-auto-scaling.test-support.ts';
import { AsgDriver } from './asg-driver.ts';
import type { DriverEvent } from './driver.ts';
import { driverContract } from './driver-contract.test-support.ts';

const live = () => new AbortController().signal;
const options = (autoScalingGroupName: string): AsgOptions => ({
  autoScalingGroupName,
  region: 'eu-west-1',
  scheme: 'http',
  port: 8080,
  path: '/predictions/m',
  healthPath: '/ping',
  onForeignScaler: 'refuse',
  metricPeriodSeconds: 300,
});

interface World {
  readonly fake?: Omit<FakeAutoScalingOptions, 'clock'>;
  readonly group?: Partial<FakeGroup>;
  readonly driver?: Partial<AsgOptions>;
  /** Whether the server at a url answers. */
  readonly answers?: (url: string) => boolean;
  readonly sample?: Sample;
}

/** A driver over the fake, with a group `cpu` on `asg-cpu` and a group `gpu` on `asg-gpu`. */
function world({ fake: fakeOptions = {}, group = {}, driver: own = {}, answers, sample }: World = {}) {
  const clock = new ManualClock(1_800_000_000_000);
  const fake = new FakeAutoScaling({ clock, ...fakeOptions });
  fake.add('asg-cpu', group);
  fake.add('asg-gpu');
  const events: DriverEvent[] = [];
  const makeDriver = () =>
    new AsgDriver(
      new Map([
        ['cpu', { ...options('asg-cpu'), ...own }],
        ['gpu', options('asg-gpu')],
      ]),
      {
        autoScaling: fake,
        ec2: fake,
        cloudWatch: {
          getMetrics: async (queries) =>
            queries.map(() => sample ?? { kind: 'missing', reason: 'no', atMs: 0 }),
          close: async () => undefined,
        },
        ping: async (url) => answers?.(url) ?? true,
        clock,
        onEvent: (event) => events.push(event),
      },
    );
  const driver = makeDriver();
  const scale = (desired: number, ...remove: readonly string[]) =>
    driver.scale({ group: 'cpu', desired, launch: [], remove }, live());
  const ids = async () => (await driver.list('cpu', live())).map(({ id }) => id);
  return { clock, fake, events, driver, makeDriver, scale, ids };
}

const contractRig = (fakeOptions: World['fake']) => async () => {
  const { clock, fake, makeDriver } = world(fakeOptions === undefined ? {} : { fake: fakeOptions });
  return {
    groups: ['cpu', 'gpu'] as const,
    driver: makeDriver,
    pass: () => clock.advance(1_000),
    cutOff: async () => {
      fake.cutOff = true;
    },
    close: async () => undefined,
  };
};

const abilities = { showsStarting: true, knowsUrls: true };
driverContract('asg (fake)', contractRig({ bootMs: 5_000 }), abilities);
driverContract(
  'asg (fake that is slow and lags)',
  contractRig({ bootMs: 60_000, launchMs: 20_000, endMs: 30_000, lagMs: 3_000 }),
  abilities,
);

describe('listing', () => {
  it('shows an instance as starting until its model server answers, and as ready then', async () => {
    let up = false;
    const { scale, driver } = world({ answers: () => up });
    await scale(1);
    const states = async () => (await driver.list('cpu', live())).map(({ state, note }) => [state, note]);
    expect(await states()).toEqual([['starting', 'InService, spot']]);
    up = true;
    expect(await states()).toEqual([['ready', 'InService, spot']]);
  });

  it('takes no ready instance for one that starts because its first answer after a restart is lost', async () => {
    let lost = 0;
    const { scale, makeDriver } = world({ answers: () => --lost < 0 });
    await scale(1);
    lost = 2;
    expect(await makeDriver().list('cpu', live())).toMatchObject([{ state: 'ready' }]);
    lost = 3;
    expect(await makeDriver().list('cpu', live())).toMatchObject([{ state: 'starting' }]);
  });

  it('goes by the group alone without a health path', async () => {
    const { scale, driver } = world({ driver: { healthPath: false }, answers: () => false });
    await scale(1);
    expect(await driver.list('cpu', live())).toMatchObject([
      { state: 'ready', url: 'http://10.0.0.0:8080/predictions/m' },
    ]);
  });

  it('shows an instance that its group takes for unhealthy', async () => {
    const { scale, driver, fake, ids } = world();
    await scale(1);
    const [id = ''] = await ids();
    fake.change(id, { healthy: false });
    expect(await driver.list('cpu', live())).toMatchObject([{ id, machine: id, state: 'unhealthy' }]);
  });

  it('asks for 600 addresses once, and only for new ones after', async () => {
    const { scale, fake, ids } = world();
    await scale(600);
    expect(new Set(await ids()).size).toBe(600);
    await scale(601);
    await ids();
    await ids();
    expect(fake.lookups).toEqual([600, 1]);
  });

  it('asks again for an address that an instance has not got yet', async () => {
    const { scale, fake, driver } = world();
    await scale(1);
    const look = fake.instanceAddresses.bind(fake);
    fake.instanceAddresses = async (ids) => new Map(ids.map((id) => [id, { state: 'pending' }]));
    expect(await driver.list('cpu', live())).toEqual([
      expect.not.objectContaining({ url: expect.anything() }),
    ]);
    fake.instanceAddresses = look;
    expect(await driver.list('cpu', live())).toMatchObject([
      { state: 'ready', url: 'http://10.0.0.0:8080/predictions/m' },
    ]);
  });

  it('takes no answer that was cut off for silence', async () => {
    const stop = new AbortController();
    let cut = false;
    const { scale, driver } = world({
      answers: () => {
        if (cut) stop.abort();
        return !cut;
      },
    });
    await scale(1);
    const states = async () => (await driver.list('cpu', live())).map(({ state }) => state);
    expect(await states()).toEqual(['ready']);
    cut = true;
    for (let i = 0; i < 3; i += 1) {
      await expect(driver.list('cpu', stop.signal)).rejects.toMatchObject({ code: 'SCALER_DRIVER_FAILED' });
    }
    cut = false;
    expect(await states()).toEqual(['ready']);
  });

  it('says which Auto Scaling group is not there', async () => {
    const { driver } = world({ driver: { autoScalingGroupName: 'asg-cup' } });
    await expect(driver.list('cpu', live())).rejects.toMatchObject({
      code: 'SCALER_DRIVER_FAILED',
      message:
        'group cpu: there is no Auto Scaling group asg-cup in eu-west-1: check autoScalingGroupName, region and the account',
    });
  });
});

describe('limits of the Auto Scaling group', () => {
  it('goes up to MaxSize and says what to change', async () => {
    const { scale, fake } = world({ group: { maxSize: 5 } });
    await expect(scale(7)).rejects.toMatchObject({
      code: 'SCALER_DRIVER_CAPACITY',
      message:
        'group cpu is to have 7 replicas, but MaxSize of Auto Scaling group asg-cpu is 5: raise MaxSize, or set max of the group to 5',
    });
    expect(fake.desiredOf('asg-cpu')).toBe(5);
  });

  it('goes down to MinSize and says what to change', async () => {
    const { scale, fake, ids } = world({ group: { minSize: 1 } });
    await scale(3);
    const [a = '', b = '', c = ''] = await ids();
    const refused = {
      code: 'SCALER_DRIVER_FAILED',
      message:
        'group cpu is to have 0 replicas, but MinSize of Auto Scaling group asg-cpu is 1: lower MinSize, or set min of the group to 1',
    };
    await expect(scale(0, a, b, c)).rejects.toMatchObject(refused);
    await expect(scale(0, c)).rejects.toMatchObject(refused);
    expect([fake.desiredOf('asg-cpu'), await ids()]).toEqual([1, [c]]);
  });

  it.each(['Launch', 'Terminate'] as const)('says that %s is suspended, and why', async (process) => {
    const { scale, fake, ids } = world();
    await scale(2);
    const [a = ''] = await ids();
    fake.add('asg-cpu', { suspended: new Map([[process, 'User suspended at noon']]) });
    const order = process === 'Launch' ? scale(3) : scale(1, a);
    await expect(order).rejects.toMatchObject({
      code: 'SCALER_DRIVER_FAILED',
      message: `process ${process} of Auto Scaling group asg-cpu is suspended (User suspended at noon): resume it, or pause group cpu`,
    });
    expect(await ids()).toHaveLength(2);
  });

  it('leaves an instance that somebody protected, and warns once', async () => {
    const { scale, fake, ids, events } = world();
    await scale(2);
    const [a = '', b = ''] = await ids();
    fake.change(a, { protectedFromScaleIn: true });
    await scale(0, a, b);
    await scale(0, a);
    expect([await ids(), fake.desiredOf('asg-cpu'), events.length]).toEqual([[a], 1, 1]);
    expect(events[0]?.message).toContain(`${a} of Auto Scaling group asg-cpu should go`);
  });

  it('ends the chosen one where all are protected from AWS’s own choice', async () => {
    const { scale, ids } = world({ group: { protectsNew: true } });
    await scale(2);
    const [a = '', b = ''] = await ids();
    await scale(1, a);
    expect(await ids()).toEqual([b]);
  });
});

describe('launches that take time', () => {
  it('fails with SCALER_DRIVER_CAPACITY once a launch has failed, with what AWS says', async () => {
    const { scale, ids } = world({ fake: { capacity: 1 } });
    await scale(3);
    await expect(scale(3)).rejects.toMatchObject({
      code: 'SCALER_DRIVER_CAPACITY',
      retryable: true,
      message:
        'Auto Scaling group asg-cpu has 1 of 3 instances, and the last launch failed: Could not launch Spot Instances. InsufficientInstanceCapacity',
    });
    expect(await ids()).toHaveLength(1);
  });

  it('takes a failure of long ago for nothing', async () => {
    const { scale, clock } = world({ fake: { capacity: 1 } });
    await scale(3);
    await clock.advance(601_000);
    await scale(3);
  });

  it('takes a failure from before the count was raised for nothing', async () => {
    const { scale, fake, clock } = world({ fake: { capacity: 1 } });
    await scale(2);
    const failures = await fake.activities('asg-cpu', live());
    await clock.advance(60_000);
    await scale(3);
    fake.activities = async () => failures;
    await scale(3);
    expect(failures).toMatchObject([{ status: 'Failed' }]);
  });

  it('does not blame a failed launch for an instance that it has replaced just now', async () => {
    const { scale, fake, clock, ids } = world({ fake: { capacity: 2 } });
    await expect(scale(3).then(() => scale(3))).rejects.toMatchObject({ code: 'SCALER_DRIVER_CAPACITY' });
    await clock.advance(1_000);
    const [a = ''] = await ids();
    await scale(3, a);
    expect(fake.calls).toContain(`terminate ${a}`);
  });

  it('does not lower the count while launches are under way: AWS would choose what to end', async () => {
    const { scale, fake, clock, ids } = world({ fake: { launchMs: 20_000 } });
    await scale(3);
    await scale(1);
    expect(fake.desiredOf('asg-cpu')).toBe(3);
    await clock.advance(20_000);
    const [a = '', b = '', c = ''] = await ids();
    await scale(1, a, b);
    expect([fake.desiredOf('asg-cpu'), await ids()]).toEqual([1, [c]]);
  });

  it('lowers the count of launches that never come', async () => {
    const { scale, fake } = world({ fake: { capacity: 1 } });
    await scale(3);
    await scale(1);
    expect(fake.desiredOf('asg-cpu')).toBe(1);
  });

  it('does not list an instance that a lifecycle hook holds on its way out', async () => {
    const { scale, fake, ids } = world({ fake: { endMs: 300_000 } });
    await scale(2);
    const [a = '', b = ''] = await ids();
    await scale(1, a);
    await scale(1, a);
    expect([await ids(), fake.desiredOf('asg-cpu')]).toEqual([[b], 1]);
  });
});

it('asks for removals five at a time and no further once AWS throttles, and sets no count that removals have set', async () => {
  const { scale, fake, ids } = world();
  await scale(12);
  const all = await ids();
  const terminate = fake.terminate.bind(fake);
  let asked = 0;
  fake.terminate = () => {
    asked += 1;
    return Promise.reject(new ScalerError('SCALER_DRIVER_THROTTLED', 'Rate exceeded', { retryable: true }));
  };
  await expect(scale(12, ...all)).rejects.toMatchObject({ code: 'SCALER_DRIVER_THROTTLED' });
  expect(asked).toBe(5);
  fake.terminate = terminate;
  fake.calls.length = 0;
  await scale(1, ...all.slice(1));
  expect([await ids(), fake.desiredOf('asg-cpu')]).toEqual([[all[0]], 1]);
  expect(fake.calls.filter((call) => call.startsWith('setDesired'))).toEqual([]);
});

it('launches what it can when a removal is throttled, and says so', async () => {
  const { scale, fake, ids } = world();
  await scale(2);
  const [a = ''] = await ids();
  const terminate = fake.terminate.bind(fake);
  fake.terminate = () =>
    Promise.reject(new ScalerError('SCALER_DRIVER_THROTTLED', 'Rate exceeded', { retryable: true }));
  await expect(scale(4, a)).rejects.toMatchObject({ code: 'SCALER_DRIVER_THROTTLED' });
  expect(fake.desiredOf('asg-cpu')).toBe(4);
  fake.terminate = terminate;
  await scale(4, a);
  expect([fake.desiredOf('asg-cpu'), (await ids()).includes(a), (await ids()).length]).toEqual([4, false, 4]);
});

describe('somebody else who scales the group', () => {
  const policy = { name: 'cpu-60', type: 'TargetTrackingScaling', acts: true };

  it('is refused, and looked up once a minute', async () => {
    const { scale, fake, clock } = world();
    fake.foreign = [policy];
    await expect(scale(2)).rejects.toMatchObject({
      code: 'SCALER_DRIVER_CONFLICT',
      message: expect.stringContaining('asg-cpu is scaled by TargetTrackingScaling "cpu-60" too'),
    });
    fake.foreign = [];
    await expect(scale(2)).rejects.toMatchObject({ code: 'SCALER_DRIVER_CONFLICT' });
    expect(fake.desiredOf('asg-cpu')).toBe(0);
    await clock.advance(60_000);
    await scale(2);
    await scale(3);
    expect(fake.calls.filter((call) => call.startsWith('scalers'))).toHaveLength(2);
  });

  it('is warned of once where that is wanted', async () => {
    const { scale, fake, clock, events } = world({ driver: { onForeignScaler: 'warn' } });
    fake.foreign = [policy];
    await scale(2);
    await clock.advance(60_000);
    await scale(3);
    expect([fake.desiredOf('asg-cpu'), events.length]).toEqual([3, 1]);
  });

  it('is no matter of a look-up that was given up', async () => {
    const { driver, fake, events } = world();
    const stop = new AbortController();
    fake.scalers = () => {
      stop.abort(new Error('no answer within 10 s'));
      return Promise.reject(new ScalerError('SCALER_DRIVER_FAILED', 'aborted'));
    };
    await expect(
      driver.scale({ group: 'cpu', desired: 1, launch: [], remove: [] }, stop.signal),
    ).rejects.toMatchObject({ code: 'SCALER_DRIVER_FAILED', retryable: true });
    expect([fake.desiredOf('asg-cpu'), events]).toEqual([0, []]);
  });

  it('is warned of as unseen where the permission is missing, and scaling goes on', async () => {
    const { scale, fake, clock, events } = world();
    fake.foreign = new ScalerError('SCALER_DRIVER_FAILED', 'AccessDenied: no');
    await scale(2);
    await scale(3);
    await clock.advance(60_000);
    await scale(4);
    expect([fake.desiredOf('asg-cpu'), events.map(({ message }) => message)]).toEqual([
      4,
      [
        "whether somebody else scales Auto Scaling group asg-cpu can't be seen: AccessDenied: no; allow autoscaling:DescribePolicies and autoscaling:DescribeScheduledActions",
      ],
    ]);
  });
});

it('measures the group’s mean CPU', async () => {
  const sample: Sample = { kind: 'value', value: 61, atMs: 7 };
  expect(await world({ sample }).driver.measure('cpu', live())).toEqual({ cpu_percent: sample });
});
