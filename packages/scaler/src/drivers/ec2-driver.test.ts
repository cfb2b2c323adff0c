import { describe, expect, it } from 'vitest';
import type { ObservedReplica } from '../values/replica.ts';
import type { ScaleOrder } from './driver.ts';
import { driverContract } from './driver-contract.test-support.ts';
import { type FakeEc2Rig, fakeEc2Rig } from './ec2/ec2-rig.test-support.ts';
import type { Ec2Driver } from './ec2-driver.ts';

const abilities = { showsStarting: true, knowsUrls: true };
driverContract('ec2', async () => fakeEc2Rig({ startupMs: 3_000 }), abilities);
driverContract(
  'lagging ec2',
  async () =>
    fakeEc2Rig({ lagMs: 4_000, pendingMs: 2_000, shutdownMs: 3_000, startupMs: 5_000, pageSize: 5 }),
  abilities,
);
driverContract(
  'spot-first ec2',
  async () => {
    const rig = fakeEc2Rig({ lagMs: 2_000, startupMs: 3_000 }, { purchase: 'spot-first' });
    rig.ec2.room.spot = 1;
    return rig;
  },
  abilities,
);

const live = () => new AbortController().signal;
const list = (driver: Ec2Driver, group = 'cpu') => driver.list(group, live());
const scale = (driver: Ec2Driver, order: Partial<ScaleOrder>) =>
  driver.scale({ group: 'cpu', desired: 0, launch: [], remove: [], ...order }, live());
const states = (replicas: readonly ObservedReplica[]) =>
  Object.fromEntries(replicas.map(({ id, state }) => [id, state]));
const names = (count: number) => Array.from({ length: count }, (_, index) => `r${index}`);

/** Replicas of which more than one instance was launched. */
function launchedTwice({ ec2 }: FakeEc2Rig): readonly string[] {
  const ids = ec2.history.map(({ tags }) => tags['forebay:replica'] ?? '');
  return ids.filter((id, index) => ids.indexOf(id) !== index);
}

describe('an ec2 host', () => {
  it('carries what it is in its tags, and is listed with its machine and url', async () => {
    const rig = fakeEc2Rig({}, { tags: { team: 'search', Name: 'mine' } });
    const driver = rig.driver();
    await scale(driver, { launch: ['a'] });
    expect(rig.ec2.living()[0]?.tags).toEqual({
      Name: 'mine',
      team: 'search',
      'forebay:pool': 'embedders',
      'forebay:group': 'cpu',
      'forebay:replica': 'a',
      'forebay:purchase': 'on-demand',
    });
    expect(await list(driver)).toEqual([
      {
        id: 'a',
        machine: 'i-00000000000000001',
        launchedAtMs: rig.clock.nowMs(),
        url: 'http://10.0.0.1:8080/predictions/all-MiniLM-L6-v2',
        state: 'ready',
      },
    ]);
    expect(await list(rig.driver({ address: 'public' }))).toMatchObject([
      { url: expect.stringMatching(/^http:\/\/54\.0\.0\.1:/) },
    ]);
  });

  it('is unhealthy after three probes without an answer, and ready again when it answers', async () => {
    const rig = fakeEc2Rig();
    const driver = rig.driver();
    await scale(driver, { launch: ['a'] });
    const seen: string[] = [];
    const look = async () => seen.push((await list(driver))[0]?.state ?? 'none');
    await look();
    rig.silent.add('10.0.0.1');
    for (let probes = 0; probes < 4; probes += 1) await look();
    rig.silent.clear();
    await look();
    expect(seen).toEqual(['ready', 'ready', 'ready', 'unhealthy', 'unhealthy', 'ready']);
  });

  it('that shall report by itself is starting until then, and unhealthy when it stops to answer', async () => {
    const rig = fakeEc2Rig({}, { readiness: 'report', unhealthyAfterProbes: 1 });
    const driver = rig.driver();
    await scale(driver, { launch: ['a'] });
    expect(states(await list(driver))).toEqual({ a: 'starting' });
    rig.silent.add('10.0.0.1');
    expect(states(await list(driver))).toEqual({ a: 'unhealthy' });
  });

  it('that somebody stopped has failed, and is ended', async () => {
    const rig = fakeEc2Rig();
    const driver = rig.driver();
    await scale(driver, { launch: ['a'] });
    rig.ec2.end('i-00000000000000001', 'Client.UserInitiatedShutdown', 'stopped');
    expect(await list(driver)).toMatchObject([
      {
        id: 'a',
        state: 'failed',
        note: 'somebody stopped i-00000000000000001: Client.UserInitiatedShutdown: it ended',
      },
    ]);
    await scale(driver, { remove: ['a'] });
    expect(rig.ec2.living()).toEqual([]);
  });

  it('that died before any list showed it is gone, with EC2’s reason, and isn’t launched again', async () => {
    const rig = fakeEc2Rig({ lagMs: 5_000, pendingMs: 60_000 });
    const driver = rig.driver();
    await scale(driver, { launch: ['a'] });
    rig.ec2.end('i-00000000000000001', 'Client.VolumeLimitExceeded');
    await rig.clock.advance(6_000);
    for (const each of [driver, rig.driver()]) {
      await scale(each, { launch: ['a'] });
      expect(await list(each)).toMatchObject([
        {
          id: 'a',
          state: 'gone',
          note: 'EC2 ended i-00000000000000001: Client.VolumeLimitExceeded: it ended',
        },
      ]);
    }
    expect(rig.ec2.history).toHaveLength(1);
  });

  it.each(['returns', 'refuses'] as const)(
    'whose token EC2 knows as ended is not launched again (the token %s)',
    async (usedToken) => {
      const rig = fakeEc2Rig({ usedToken, lagMs: 30_000 });
      rig.ec2.script('run', { kind: 'lost' });
      await expect(scale(rig.driver(), { launch: ['a'] })).rejects.toMatchObject({ retryable: true });
      rig.ec2.end('i-00000000000000001', 'Server.InternalError');
      const driver = rig.driver();
      await scale(driver, { launch: ['a'] });
      expect(states(await list(driver))).toEqual(usedToken === 'returns' ? { a: 'gone' } : {});
      await rig.clock.advance(31_000);
      expect(states(await list(driver))).toEqual({ a: 'gone' });
      expect(rig.ec2.history).toHaveLength(1);
    },
  );

  it('that lists lack for listGraceSeconds is gone, though none showed its end', async () => {
    const rig = fakeEc2Rig();
    const driver = rig.driver();
    await scale(driver, { launch: ['a'] });
    await rig.clock.advance(60_000);
    expect(states(await list(driver))).toEqual({ a: 'ready' });
    rig.ec2.hidden.add('i-00000000000000001');
    await rig.clock.advance(59_000);
    expect(states(await list(driver))).toEqual({ a: 'ready' });
    await rig.clock.advance(1_000);
    expect(states(await list(driver))).toEqual({});
  });

  it('that nobody knows stands for itself, and can be ended', async () => {
    const rig = fakeEc2Rig();
    const driver = rig.driver();
    const tags = { 'forebay:pool': 'embedders', 'forebay:group': 'cpu' };
    const byHand = rig.ec2.launchByHand(tags);
    rig.ec2.launchByHand({ ...tags, 'forebay:pool': 'other' });
    expect(states(await list(driver))).toEqual({ [byHand]: 'ready' });
    await scale(driver, { remove: [byHand] });
    expect(rig.ec2.living().map(({ tags: of }) => of['forebay:pool'])).toEqual(['other']);
    expect([driver.strangers, rig.driver({ unknownHosts: 'adopt' }).strangers]).toEqual(['end', 'adopt']);
  });

  it('that claims to be a replica which an older one is stands for itself, also once the older one has ended', async () => {
    const rig = fakeEc2Rig();
    const driver = rig.driver();
    await scale(driver, { launch: ['a'] });
    await rig.clock.advance(1_000);
    const twin = rig.ec2.launchByHand(rig.ec2.living()[0]?.tags ?? {});
    expect(states(await list(driver))).toEqual({ a: 'ready', [twin]: 'ready' });
    await list(driver);
    expect(rig.events).toMatchObject([
      { kind: 'warned', group: 'cpu', message: expect.stringMatching(/is replica "a", which an older/) },
    ]);
    rig.ec2.end('i-00000000000000001');
    expect(states(await list(driver))).toEqual({ a: 'gone', [twin]: 'ready' });
    await scale(driver, { remove: [twin] });
    expect(rig.ec2.living()).toEqual([]);
  });
});

describe('a launch on ec2', () => {
  it('whose answer is lost makes one instance, whoever repeats it', async () => {
    for (const by of ['the same', 'another'] as const) {
      const rig = fakeEc2Rig({ lagMs: 20_000 });
      const driver = rig.driver();
      rig.ec2.script('run', { kind: 'lost' }, undefined, { kind: 'lost' });
      const order = { desired: 3, launch: ['a', 'b', 'c'] };
      await expect(scale(driver, order)).rejects.toMatchObject({
        code: 'SCALER_DRIVER_FAILED',
        retryable: true,
      });
      const next = by === 'another' ? rig.driver() : driver;
      await scale(next, order);
      expect(states(await list(next))).toEqual({ a: 'ready', b: 'ready', c: 'ready' });
      expect(rig.ec2.history).toHaveLength(3);
    }
  });

  it('is made once by many orders at once, of two drivers', async () => {
    const rig = fakeEc2Rig({ lagMs: 3_000 });
    const [one, two] = [rig.driver(), rig.driver()];
    const order = { desired: 20, launch: names(20) };
    await Promise.all([scale(one, order), scale(two, order), scale(one, order), scale(two, order)]);
    await rig.clock.advance(4_000);
    await Promise.all([scale(one, order), scale(two, order)]);
    expect(rig.ec2.history).toHaveLength(20);
    expect(await list(two)).toHaveLength(20);
  });

  it('is not repeated for what the same process has just launched', async () => {
    const rig = fakeEc2Rig({ lagMs: 30_000 });
    const driver = rig.driver();
    await scale(driver, { launch: ['a'] });
    await scale(driver, { launch: ['a'] });
    expect(rig.ec2.calls.filter(({ kind }) => kind === 'run')).toHaveLength(1);
  });

  it('with other options than the first time is left as it was', async () => {
    const rig = fakeEc2Rig({ lagMs: 30_000 });
    rig.ec2.script('run', { kind: 'lost' });
    await scale(rig.driver(), { launch: ['a'] }).catch(() => undefined);
    await scale(rig.driver({ tags: { new: 'tag' } }), { launch: ['a'] });
    expect(rig.ec2.history).toHaveLength(1);
  });

  it('launches what has room and says that there is no more', async () => {
    const rig = fakeEc2Rig();
    const driver = rig.driver();
    rig.ec2.room['on-demand'] = 3;
    await expect(scale(driver, { launch: names(30) })).rejects.toMatchObject({
      code: 'SCALER_DRIVER_CAPACITY',
      retryable: true,
    });
    expect(rig.ec2.living()).toHaveLength(3);
    // No room for one is no room for the others: the rest isn't asked for.
    expect(rig.ec2.calls.filter(({ kind }) => kind === 'run').length).toBeLessThan(20);
  });

  it('tries each instance type in each subnet before it says so, and spreads hosts over subnets', async () => {
    const places = {
      instanceTypes: ['c7g.large', 'c7i.large'],
      subnetIds: ['subnet-a', 'subnet-b', 'subnet-c'],
    };
    const rig = fakeEc2Rig({}, places);
    await scale(rig.driver(), { launch: names(30) });
    const perSubnet = places.subnetIds.map(
      (id) => rig.ec2.living().filter(({ subnetId }) => subnetId === id).length,
    );
    expect(perSubnet.every((count) => count >= 5)).toBe(true);
    expect(new Set(rig.ec2.living().map(({ instanceType }) => instanceType))).toEqual(new Set(['c7g.large']));
    for (const place of ['c7g.large', 'subnet-a', 'subnet-b']) rig.ec2.closedPlaces.add(place);
    await scale(rig.driver(), { launch: ['x'] });
    expect(rig.ec2.living().at(-1)).toMatchObject({ instanceType: 'c7i.large', subnetId: 'subnet-c' });
  });

  it('goes to the next place where one doesn’t have the type at all', async () => {
    const rig = fakeEc2Rig({}, { subnetIds: ['subnet-a', 'subnet-b'], instanceTypes: ['c7g.large'] });
    for (const _ of names(6)) rig.ec2.script('run', { kind: 'refused', name: 'Unsupported' }, undefined);
    const driver = rig.driver();
    for (const id of names(6)) await scale(driver, { launch: [id] });
    expect(rig.ec2.living()).toHaveLength(6);
  });

  it('says that nothing is to be had where no place has the type, or that there is no room where one has', async () => {
    const nowhere = { kind: 'refused', name: 'Unsupported' } as const;
    const full = { kind: 'refused', name: 'InsufficientInstanceCapacity', httpStatusCode: 500 } as const;
    const rig = fakeEc2Rig({}, { subnetIds: ['subnet-a', 'subnet-b'] });
    rig.ec2.script('run', nowhere, nowhere);
    await expect(scale(rig.driver(), { launch: ['a'] })).rejects.toMatchObject({
      code: 'SCALER_DRIVER_FAILED',
      retryable: false,
      message: expect.stringContaining('Unsupported: refused'),
    });
    rig.ec2.script('run', full, nowhere);
    await expect(scale(rig.driver(), { launch: ['a'] })).rejects.toMatchObject({
      code: 'SCALER_DRIVER_CAPACITY',
    });
  });

  it('that was refused is made with other options once lists would show a host of before', async () => {
    const rig = fakeEc2Rig({ lagMs: 6_000 });
    rig.ec2.room['on-demand'] = 0;
    await expect(scale(rig.driver(), { launch: ['a'] })).rejects.toMatchObject({
      code: 'SCALER_DRIVER_CAPACITY',
    });
    rig.ec2.room['on-demand'] = 9;
    const mended = rig.driver({ launchTemplate: { name: 'embedder', version: '2' } });
    for (let tick = 0; tick < 20; tick += 1) {
      await scale(mended, { launch: ['a'] });
      expect(rig.ec2.history.length, `tick ${tick}`).toBe(tick <= 12 ? 0 : 1);
      await rig.clock.advance(5_000);
    }
  });

  it('whose answer was lost is not made again with other options, however late lists are', async () => {
    const rig = fakeEc2Rig({ lagMs: 55_000 });
    rig.ec2.script('run', { kind: 'lost' });
    await expect(scale(rig.driver(), { launch: ['a'] })).rejects.toMatchObject({ retryable: true });
    const changed = rig.driver({ launchTemplate: { name: 'embedder', version: '2' } });
    for (let tick = 0; tick < 20; tick += 1) {
      await scale(changed, { launch: ['a'] });
      await rig.clock.advance(5_000);
    }
    expect(rig.ec2.history).toHaveLength(1);
  });

  it('that AWS refuses for good is not retryable, with what AWS says', async () => {
    const rig = fakeEc2Rig();
    rig.ec2.script('run', { kind: 'refused', name: 'InvalidLaunchTemplateName.NotFoundException' });
    const order = scale(rig.driver(), { launch: ['a', 'b'] });
    await expect(order).rejects.toMatchObject({
      code: 'SCALER_DRIVER_FAILED',
      retryable: false,
      message: expect.stringMatching(/InvalidLaunchTemplateName.NotFoundException: refused/),
    });
    expect(rig.ec2.living().map(({ tags }) => tags['forebay:replica'])).toEqual(['b']);
  });

  it('that is throttled leaves the rest for the next order', async () => {
    const rig = fakeEc2Rig();
    const driver = rig.driver();
    rig.ec2.script(
      'run',
      ...Array.from({ length: 10 }, () => ({
        kind: 'refused' as const,
        name: 'RequestLimitExceeded',
        httpStatusCode: 503,
      })),
    );
    await expect(scale(driver, { launch: names(40) })).rejects.toMatchObject({
      code: 'SCALER_DRIVER_THROTTLED',
    });
    expect(rig.ec2.calls.filter(({ kind }) => kind === 'run')).toHaveLength(10);
    await scale(driver, { launch: names(40) });
    expect([rig.ec2.living().length, launchedTwice(rig)]).toEqual([40, []]);
  });
});

describe('an end on ec2', () => {
  it('is not held up by one instance that can’t be ended', async () => {
    const rig = fakeEc2Rig();
    const driver = rig.driver();
    await scale(driver, { launch: names(250) });
    rig.ec2.protectedIds.add('i-00000000000000005');
    rig.ec2.protectedIds.add('i-00000000000000007');
    await expect(scale(driver, { remove: names(250) })).rejects.toMatchObject({
      code: 'SCALER_DRIVER_FAILED',
      retryable: false,
      message: expect.stringMatching(/OperationNotPermitted: The instance 'i-00000000000000005'/),
    });
    expect(rig.ec2.living().map(({ instanceId }) => instanceId)).toEqual([
      'i-00000000000000005',
      'i-00000000000000007',
    ]);
  });

  it('of what EC2 doesn’t know yet comes as soon as it does', async () => {
    const rig = fakeEc2Rig({ lagMs: 10_000 });
    const driver = rig.driver();
    await scale(driver, { launch: ['a'] });
    await scale(driver, { remove: ['a'] });
    expect([rig.ec2.living().length, states(await list(driver))]).toEqual([1, { a: 'ready' }]);
    await rig.clock.advance(11_000);
    await list(driver);
    expect(rig.ec2.living()).toEqual([]);
  });
});

describe('a list of ec2 hosts', () => {
  it.each([5, 7, 500])('shows all of 600 hosts in pages of %i', async (pageSize) => {
    const rig = fakeEc2Rig({ pageSize });
    await scale(rig.driver(), { launch: names(600) });
    const later = rig.driver();
    const replicas = await list(later);
    expect(replicas.map(({ id }) => id).toSorted()).toEqual(names(600).toSorted());
    expect(replicas.every(({ state }) => state === 'ready')).toBe(true);
    await scale(later, { remove: replicas.map(({ id }) => id) });
    expect(rig.ec2.living()).toEqual([]);
  });

  it('fails as a whole when its last page does', async () => {
    const rig = fakeEc2Rig({ pageSize: 100 });
    const driver = rig.driver();
    await scale(driver, { launch: names(250) });
    rig.ec2.script('describe', undefined, undefined, {
      kind: 'refused',
      name: 'RequestLimitExceeded',
      httpStatusCode: 503,
    });
    await expect(list(driver)).rejects.toMatchObject({ code: 'SCALER_DRIVER_THROTTLED', retryable: true });
  });
});
