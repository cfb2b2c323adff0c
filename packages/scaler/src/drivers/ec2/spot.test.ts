import { seededRandom } from '@forebay/testing';
import { describe, expect, it } from 'vitest';
import type { ObservedReplica } from '../../values/replica.ts';
import type { Ec2Driver } from '../ec2-driver.ts';
import { type FakeEc2Rig, fakeEc2Rig } from './ec2-rig.test-support.ts';

const live = () => new AbortController().signal;
const spotRig = (platform: Parameters<typeof fakeEc2Rig>[0] = {}) =>
  fakeEc2Rig(platform, { purchase: 'spot-first' });
const launch = (driver: Ec2Driver, ...ids: readonly string[]) =>
  driver.scale({ group: 'cpu', desired: ids.length, launch: ids, remove: [] }, live());
const bought = ({ ec2 }: FakeEc2Rig) =>
  ec2.history.map(({ tags, market }) => `${tags['forebay:replica']} ${market} ${tags['forebay:purchase']}`);
const asked = ({ ec2 }: FakeEc2Rig) => ec2.calls.filter(({ kind }) => kind === 'run').length;
const leaving = (replicas: readonly ObservedReplica[]) =>
  replicas.flatMap((each) => (each.leaving ? [`${each.id}: ${each.leaving.because}`] : []));

describe('spot-first', () => {
  it('launches on-demand in the same order what spot has no room for, and says so once', async () => {
    const rig = spotRig();
    rig.ec2.room.spot = 1;
    await launch(rig.driver(), 'a', 'b', 'c');
    expect(bought(rig).toSorted()).toEqual([
      'a spot spot',
      'b on-demand on-demand-fallback',
      'c on-demand on-demand-fallback',
    ]);
    expect(rig.events).toMatchObject([
      { kind: 'warned', message: expect.stringContaining('spot is asked again in 300 s') },
    ]);
  });

  it('leaves spot alone for the pause, then asks again', async () => {
    const rig = spotRig();
    const driver = rig.driver();
    rig.ec2.room.spot = 0;
    await launch(driver, 'a');
    const before = asked(rig);
    await launch(driver, 'b');
    expect(asked(rig) - before).toBe(1);
    rig.ec2.room.spot = 5;
    await rig.clock.advance(300_000);
    await launch(driver, 'c');
    expect(bought(rig)).toEqual([
      'a on-demand on-demand-fallback',
      'b on-demand on-demand-fallback',
      'c spot spot',
    ]);
  });

  it('advises one fallback at a time to leave once spot has room, until none is left', async () => {
    const rig = spotRig();
    const driver = rig.driver();
    rig.ec2.room.spot = 0;
    await launch(driver, 'a', 'b');
    expect(leaving(await driver.list('cpu', live()))).toEqual([]);
    rig.ec2.room.spot = 5;
    await rig.clock.advance(300_000);
    await launch(driver, 'c');
    expect(leaving(await driver.list('cpu', live()))).toEqual(['a: spot has capacity again']);
    expect(leaving(await rig.driver().list('cpu', live()))).toEqual(['a: spot has capacity again']);
    await driver.scale({ group: 'cpu', desired: 3, launch: ['d'], remove: ['a'] }, live());
    expect(leaving(await driver.list('cpu', live()))).toEqual(['b: spot has capacity again']);
    await driver.scale({ group: 'cpu', desired: 3, launch: ['e'], remove: ['b'] }, live());
    expect(leaving(await driver.list('cpu', live()))).toEqual([]);
  });

  it('gives one host up for a trial, and stops when the trial brings another fallback', async () => {
    const rig = spotRig();
    const driver = rig.driver();
    rig.ec2.room.spot = 0;
    await launch(driver, 'a', 'b');
    await rig.clock.advance(1_799_000);
    expect(leaving(await driver.list('cpu', live()))).toEqual([]);
    await rig.clock.advance(1_000);
    expect(leaving(await driver.list('cpu', live()))).toEqual(['a: it is time to try spot again']);
    await launch(driver, 'c');
    expect(bought(rig).at(-1)).toBe('c on-demand on-demand-fallback');
    expect(leaving(await driver.list('cpu', live()))).toEqual([]);
  });

  it('doesn’t advise what was never wanted as spot, nor where spot isn’t wanted any more', async () => {
    const rig = spotRig();
    await launch(rig.driver({ purchase: 'on-demand' }), 'a');
    rig.ec2.room.spot = 0;
    await launch(rig.driver(), 'b');
    await rig.clock.advance(1_800_000);
    expect(leaving(await rig.driver().list('cpu', live()))).toEqual(['b: it is time to try spot again']);
    expect(leaving(await rig.driver({ purchase: 'on-demand' }).list('cpu', live()))).toEqual([]);
  });

  it('launches no second instance when a spot launch’s answer is lost and spot is full afterwards', async () => {
    for (const by of ['the same', 'another'] as const) {
      const rig = spotRig({ lagMs: 30_000 });
      const driver = rig.driver();
      rig.ec2.room.spot = 1;
      // The answer to a is lost; b finds no room, and the market is shut.
      rig.ec2.script('run', { kind: 'lost' });
      await expect(launch(driver, 'a', 'b')).rejects.toMatchObject({ retryable: true });
      await launch(by === 'another' ? rig.driver() : driver, 'a', 'b');
      expect(bought(rig).toSorted()).toEqual(['a spot spot', 'b on-demand on-demand-fallback']);
    }
  });

  it('asks for each host of its first order as spot first: it may be one already', async () => {
    const rig = spotRig({ lagMs: 30_000 });
    rig.ec2.room.spot = 1;
    rig.ec2.script('run', { kind: 'lost' });
    await expect(launch(rig.driver(), 'a')).rejects.toMatchObject({ retryable: true });
    // So many that the market is long shut when it is the turn of a.
    const others = Array.from({ length: 30 }, (_, index) => `other-${index}`);
    const later = rig.driver();
    await launch(later, ...others, 'a');
    expect(bought(rig).filter((each) => each.startsWith('a '))).toEqual(['a spot spot']);
    expect(rig.ec2.history).toHaveLength(31);
    expect(rig.events).toHaveLength(1);
    const before = asked(rig);
    await launch(later, ...others, 'a', 'b');
    expect([asked(rig) - before, bought(rig).at(-1)]).toEqual([1, 'b on-demand on-demand-fallback']);
  });

  it('repeats a lost on-demand launch as on-demand, even if spot has room by then', async () => {
    const rig = spotRig({ lagMs: 30_000 });
    const driver = rig.driver();
    rig.ec2.room.spot = 0;
    rig.ec2.script('run', undefined, { kind: 'lost' });
    await expect(launch(driver, 'a')).rejects.toMatchObject({ retryable: true });
    rig.ec2.room.spot = 1;
    await launch(driver, 'a');
    expect(bought(rig)).toEqual(['a on-demand on-demand-fallback']);
  });

  it('takes a spot host that EC2 takes back at once for a refusal', async () => {
    const rig = spotRig();
    const driver = rig.driver();
    await launch(driver, 'a');
    rig.ec2.end('i-00000000000000001', 'Server.InsufficientInstanceCapacity');
    expect(await driver.list('cpu', live())).toMatchObject([{ id: 'a', state: 'gone' }]);
    await launch(driver, 'b');
    expect(bought(rig)).toEqual(['a spot spot', 'b on-demand on-demand-fallback']);
  });

  it('says that there is no room when on-demand has none either', async () => {
    const rig = spotRig();
    rig.ec2.room.spot = 0;
    rig.ec2.room['on-demand'] = 0;
    await expect(launch(rig.driver(), 'a')).rejects.toMatchObject({
      code: 'SCALER_DRIVER_CAPACITY',
      retryable: true,
    });
  });

  it('launches nothing on-demand when spot is refused for another reason than room', async () => {
    const rig = spotRig();
    rig.ec2.script('run', { kind: 'refused', name: 'UnauthorizedOperation', httpStatusCode: 403 });
    await expect(launch(rig.driver(), 'a')).rejects.toMatchObject({
      code: 'SCALER_DRIVER_FAILED',
      retryable: false,
    });
    expect(bought(rig)).toEqual([]);
  });
});

it('spot alone never launches on-demand', async () => {
  const rig = fakeEc2Rig({}, { purchase: 'spot' });
  rig.ec2.room.spot = 0;
  await expect(launch(rig.driver(), 'a')).rejects.toMatchObject({ code: 'SCALER_DRIVER_CAPACITY' });
  expect(bought(rig)).toEqual([]);
});

it.each([1, 2, 3, 4])(
  'keeps six hosts through hours of spot that comes and goes, lost answers and restarts, one more at most (seed %i)',
  async (seed) => {
    const random = seededRandom(seed);
    const rig = spotRig({ lagMs: 6_000, pendingMs: 20_000, startupMs: 20_000, shutdownMs: 15_000 });
    const { ec2, clock } = rig;
    let driver = rig.driver();
    let ids: readonly string[] = [];
    let removing: readonly string[] = [];
    let made = 0;
    let most = 0;
    const wanted = 6;
    const tick = async (disturbed: boolean) => {
      if (disturbed && random() < 0.01) ec2.room.spot = random() < 0.5 ? 0 : Math.floor(random() * 4);
      if (disturbed && random() < 0.02) ec2.script('run', { kind: 'lost' });
      if (disturbed && random() < 0.02) driver = rig.driver();
      const spot = ec2.living('spot')[0];
      if (disturbed && spot && random() < 0.005) ec2.end(spot.instanceId, 'Server.SpotInstanceTermination');
      const seen = new Map((await driver.list('cpu', live())).map((each) => [each.id, each]));
      // What a scaler does: forgets what is gone, replaces who leaves before ending it, has `wanted` otherwise.
      ids = ids.filter((id) => seen.get(id)?.state !== 'gone');
      const exists = (id: string) => !['gone', undefined].includes(seen.get(id)?.state);
      removing = removing.filter(exists);
      const advised = ids.filter((id) => seen.get(id)?.leaving);
      const staying = ids.filter((id) => !advised.includes(id));
      if (staying.length < wanted) {
        ids = [...ids, ...Array.from({ length: wanted - staying.length }, () => `r${made++}`)];
      } else if (ids.length > wanted) {
        const starting = (id: string) => (seen.get(id)?.state === 'ready' ? 0 : 1);
        const ready = staying.filter((id) => seen.get(id)?.state === 'ready').length >= wanted;
        const goes = ready
          ? advised
          : advised.length > 0
            ? []
            : [ids.toSorted((a, b) => starting(b) - starting(a))[0] ?? ''];
        removing = [...removing, ...goes];
        ids = ids.filter((id) => !goes.includes(id));
      }
      const launching = ids.filter((id) => !exists(id));
      const desired = ids.length;
      await driver
        .scale({ group: 'cpu', desired, launch: launching, remove: removing }, live())
        .catch(() => undefined);
      most = Math.max(most, ec2.living().length);
      await clock.advance(5_000);
    };
    for (let ticks = 0; ticks < 3_000; ticks += 1) await tick(true);
    ec2.room.spot = 100;
    // A pause and a trial of half an hour each at most, then one host after the other.
    for (let ticks = 0; ticks < 1_200; ticks += 1) await tick(false);
    const replicas = ec2.history.map(({ tags }) => tags['forebay:replica']);
    expect(new Set(replicas).size).toBe(replicas.length);
    expect(ec2.history.filter(({ market }) => market === 'on-demand').length).toBeGreaterThan(5);
    expect(most).toBeLessThanOrEqual(wanted + 1);
    expect(ec2.living().map(({ market }) => market)).toEqual(Array.from({ length: wanted }, () => 'spot'));
  },
);
