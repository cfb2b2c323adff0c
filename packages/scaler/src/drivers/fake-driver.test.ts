import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import { driverContract } from './driver-contract.test-support.ts';
import { FakeDriver, type FakeFault, SimulatedCrash } from './fake-driver.test-support.ts';
import { FakePlatform, type FakePlatformOptions } from './fake-platform.test-support.ts';

const rig = (options: Omit<FakePlatformOptions, 'clock'>) => async () => {
  const clock = new ManualClock();
  const platform = new FakePlatform({ clock, ...options });
  const drivers: FakeDriver[] = [];
  return {
    groups: ['cpu', 'gpu'] as const,
    driver() {
      const driver = new FakeDriver(platform);
      drivers.push(driver);
      return driver;
    },
    pass: () => clock.advance(1_000),
    async cutOff() {
      for (const driver of drivers) {
        driver.script('list', { kind: 'fails' });
        driver.script('scale', { kind: 'throttled' });
      }
    },
    close: async () => undefined,
  };
};

const abilities = { showsStarting: true, knowsUrls: true };
driverContract('fake', rig({ startupMs: 5_000 }), abilities);
driverContract('lagging fake', rig({ startupMs: 5_000, lagMs: 3_000 }), abilities);
driverContract(
  'counting fake',
  rig({ startupMs: 5_000, namesReplicas: false, choosesRemoved: false }),
  abilities,
);

const live = () => new AbortController().signal;
const order = (...launch: readonly string[]) => ({
  group: 'cpu',
  desired: launch.length,
  launch,
  remove: [],
});

it.each<{ fault: FakeFault; error: string | undefined; launched: number }>([
  { fault: { kind: 'fails' }, error: 'SCALER_DRIVER_FAILED', launched: 0 },
  { fault: { kind: 'throttled' }, error: 'SCALER_DRIVER_THROTTLED', launched: 0 },
  { fault: { kind: 'fails-after' }, error: 'SCALER_DRIVER_FAILED', launched: 3 },
  { fault: { kind: 'fails-after', launches: 2 }, error: 'SCALER_DRIVER_FAILED', launched: 2 },
  { fault: { kind: 'crashes-before' }, error: undefined, launched: 0 },
  { fault: { kind: 'crashes-after' }, error: undefined, launched: 3 },
  { fault: { kind: 'crashes-after', launches: 1 }, error: undefined, launched: 1 },
])('meets $fault with $launched of 3 launched', async ({ fault, error, launched }) => {
  const driver = new FakeDriver({ clock: new ManualClock() });
  driver.script('scale', fault);
  const thrown = await driver.scale(order('a', 'b', 'c'), live()).catch((reason: unknown) => reason);
  if (error === undefined) expect(thrown).toBeInstanceOf(SimulatedCrash);
  else expect(thrown).toMatchObject({ code: error });
  expect(driver.platform.running().length).toBe(launched);
  await driver.scale(order('a', 'b', 'c'), live());
  expect(driver.platform.history.map(({ id }) => id).toSorted()).toEqual(['a', 'b', 'c']);
});

it('hangs until the signal is aborted', async () => {
  const driver = new FakeDriver({ clock: new ManualClock() });
  driver.script('list', { kind: 'hangs' });
  const stop = new AbortController();
  const listed = driver.list('cpu', stop.signal);
  stop.abort();
  await expect(listed).rejects.toMatchObject({ code: 'SCALER_DRIVER_FAILED', retryable: true });
});

it('launches as many as there is room for and says that it is full', async () => {
  const driver = new FakeDriver({ clock: new ManualClock(), capacity: 2 });
  await expect(driver.scale(order('a', 'b', 'c'), live())).rejects.toMatchObject({
    code: 'SCALER_DRIVER_CAPACITY',
  });
  expect(driver.platform.running().map(({ id }) => id)).toEqual(['a', 'b']);
});

it('shows broken replicas as failed and records every call', async () => {
  const driver = new FakeDriver({ clock: new ManualClock() });
  await driver.scale(order('a'), live());
  driver.platform.breakDown('a', 'out of memory');
  expect(await driver.list('cpu', live())).toMatchObject([
    { id: 'a', state: 'failed', note: 'out of memory' },
  ]);
  expect(driver.calls).toEqual([
    { kind: 'scale', order: order('a') },
    { kind: 'list', group: 'cpu' },
  ]);
});
