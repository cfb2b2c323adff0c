import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ScalerError } from '../errors.ts';
import type { ObservedReplica } from '../values/replica.ts';
import type { Driver, ScaleOrder } from './driver.ts';

/** One empty platform for one test. */
export interface DriverRig {
  /** Two groups without replicas. */
  readonly groups: readonly [string, string];
  /** A new driver over the same platform, as after a restart; the rig closes it. */
  driver(): Driver;
  /** Lets the platform do what it has accepted, e.g. by moving its clock; called again and again until it has. */
  pass(): Promise<void>;
  /** From now on no call reaches the platform; undefined where that can't be had. */
  cutOff?(): Promise<void>;
  /** Ends all drivers and whatever is left. */
  close(): Promise<void>;
}

/** What a driver can't do by its nature. */
export interface DriverAbilities {
  /** Whether replicas can be seen before they answer. */
  readonly showsStarting: boolean;
  /** Whether it knows urls; else gateways find replicas by other means (DNS). */
  readonly knowsUrls: boolean;
}

/** What `driver.ts` promises, as tests. Every driver passes them. */
export function driverContract(
  name: string,
  makeRig: () => Promise<DriverRig>,
  { showsStarting, knowsUrls }: DriverAbilities,
): void {
  describe(`the ${name} driver`, () => {
    let rig: DriverRig;
    let driver: Driver;
    let group = '';
    let other = '';
    let ids: (prefix: string, count: number) => readonly string[];
    beforeEach(async () => {
      rig = await makeRig();
      [group, other] = rig.groups;
      driver = rig.driver();
      // Ids are unique for ever, those of other tests on the same platform included.
      runs += 1;
      const run = `${process.pid}-${runs}`;
      ids = (prefix, count) => Array.from({ length: count }, (_, index) => `${prefix}-${run}-${index}`);
    });
    afterEach(() => rig.close());

    const list = (which = group, by = driver) => by.list(which, live());
    const scale = (order: Partial<ScaleOrder>, by = driver) =>
      by.scale({ group, desired: order.launch?.length ?? 0, launch: [], remove: [], ...order }, live());

    /** Lists until `done` holds. */
    async function listUntil(done: (replicas: readonly ObservedReplica[]) => boolean, which = group) {
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        const replicas = await list(which);
        if (done(replicas)) return replicas;
        await rig.pass();
      }
      const { length } = await list(which);
      throw new Error(`not so after ${MAX_TRIES} looks; ${length} replicas are listed`);
    }
    const counted = (count: number) => (replicas: readonly ObservedReplica[]) => replicas.length === count;
    const allReady = (count: number) => (replicas: readonly ObservedReplica[]) =>
      replicas.length === count && replicas.every(({ state }) => state === 'ready');

    /** Orders that many more, and waits until they are there; resolves with their ids. */
    async function grow(to: number, launch: readonly string[], which = group): Promise<readonly string[]> {
      const named = driver.namesReplicas;
      await scale({ group: which, desired: to, launch: named ? launch : [] });
      const replicas = await listUntil(counted(to), which);
      return replicas.map(({ id }) => id);
    }

    it('lists nothing for a group without replicas, and takes an order for none', async () => {
      expect(await list()).toEqual([]);
      await scale({ desired: 0 });
      expect(await list()).toEqual([]);
    });

    it('launches what is ordered, under the ordered ids if it names replicas', async () => {
      const wanted = ids('a', 2);
      const launched = await grow(2, wanted);
      expect(new Set(launched).size).toBe(2);
      if (driver.namesReplicas) expect(launched.toSorted()).toEqual(wanted);
    });

    it('takes replicas from starting to ready, with an absolute url', async () => {
      await scale({ desired: 1, launch: driver.namesReplicas ? ids('a', 1) : [] });
      const seen = new Set<string>();
      const [replica] = await listUntil((replicas) => {
        for (const { state } of replicas) seen.add(state);
        return allReady(1)(replicas);
      });
      expect([...seen]).toEqual(showsStarting ? ['starting', 'ready'] : ['ready']);
      expect(/^https?:\/\/[^/]+\/.+/.test(replica?.url ?? '')).toBe(knowsUrls);
    });

    it('changes nothing when an order is repeated', async () => {
      const order = { desired: 2, launch: driver.namesReplicas ? ids('a', 2) : [] };
      await scale(order);
      const first = await listUntil(allReady(2));
      await scale(order);
      await rig.pass();
      expect(await list()).toEqual(first);
    });

    it('carries out an order once when it comes twice at a time, from one driver or two', async () => {
      const order = { desired: 2, launch: driver.namesReplicas ? ids('a', 2) : [] };
      await Promise.all([scale(order), scale(order), scale(order, rig.driver())]);
      const replicas = await listUntil(allReady(2));
      await rig.pass();
      expect((await list()).map(({ id }) => id)).toEqual(replicas.map(({ id }) => id));
    });

    it('launches only what is missing', async () => {
      const [one = '', two = '', three = ''] = ids('a', 3);
      const before = await grow(2, [one, two]);
      const after = await grow(3, [one, two, three]);
      expect(after).toEqual(expect.arrayContaining([...before]));
    });

    it('removes what it is told, or as many, and nothing else', async () => {
      const launched = await grow(3, ids('a', 3));
      const remove = launched.slice(0, 1);
      await scale({ desired: 2, remove });
      const left = await listUntil(counted(2));
      if (driver.choosesRemoved)
        expect(left.map(({ id }) => id).toSorted()).toEqual(launched.slice(1).toSorted());
      await scale({ desired: 0, remove: launched });
      expect(await listUntil(counted(0))).toEqual([]);
    });

    it('takes the removal of what is gone for done', async () => {
      const launched = await grow(1, ids('a', 1));
      await scale({ desired: 0, remove: launched });
      await listUntil(counted(0));
      await scale({ desired: 0, remove: [...launched, ...ids('never', 1)] });
      expect(await list()).toEqual([]);
    });

    it('launches and removes in one order', async () => {
      const launched = await grow(2, ids('a', 2));
      const launch = driver.namesReplicas ? ids('b', 2) : [];
      await scale({ desired: 3, launch, remove: launched.slice(0, 1) });
      const replicas = await listUntil(counted(3));
      if (!driver.namesReplicas || !driver.choosesRemoved) return;
      expect(replicas.map(({ id }) => id).toSorted()).toEqual([...launched.slice(1), ...launch].toSorted());
    });

    it('shows everything to a driver that comes later', async () => {
      const launched = await grow(2, ids('a', 2));
      await driver.close();
      driver = rig.driver();
      const replicas = await listUntil(allReady(2));
      expect(replicas.map(({ id }) => id).toSorted()).toEqual(launched.toSorted());
      await scale({ desired: 0, remove: launched });
      expect(await listUntil(counted(0))).toEqual([]);
    });

    it('keeps groups apart', async () => {
      const mine = await grow(1, ids('a', 1));
      const theirs = await grow(2, ids('b', 2), other);
      await scale({ desired: 0, remove: mine });
      expect(await listUntil(counted(0))).toEqual([]);
      expect((await list(other)).map(({ id }) => id).toSorted()).toEqual(theirs.toSorted());
    });

    it('does nothing once its signal is aborted, and says so with a ScalerError', async () => {
      const launch = driver.namesReplicas ? ids('a', 1) : [];
      const order: ScaleOrder = { group, desired: 1, launch, remove: [] };
      await expectDriverError(driver.scale(order, AbortSignal.abort()));
      await expectDriverError(driver.list(group, AbortSignal.abort()));
      await rig.pass();
      expect(await list()).toEqual([]);
    });

    it('fails as a whole, with a ScalerError, when the platform is out of reach', async (test) => {
      if (!rig.cutOff) return test.skip();
      await grow(1, ids('a', 1));
      await rig.cutOff();
      await expectDriverError(list());
      await expectDriverError(scale({ desired: 2, launch: driver.namesReplicas ? ids('b', 1) : [] }));
    });
  });
}

/** How often a platform is asked before a test gives up on it. */
const MAX_TRIES = 500;

let runs = 0;

function live(): AbortSignal {
  return AbortSignal.timeout(20_000);
}

async function expectDriverError(call: Promise<unknown>): Promise<void> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ScalerError);
  expect((error as ScalerError).code).toMatch(/^SCALER_DRIVER_/); // it is one, as just seen
}
