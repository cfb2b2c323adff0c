import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { eventually, ScalerSite, type SpawnedScaler } from '../../test/scaler-site.ts';

// One story: each test goes on from where the one before left off. The lease is 20 s, and nothing but time ends it.
vi.setConfig({ testTimeout: 120_000 });
const LEASE_MS = 20_000;

let site: ScalerSite;
let leader: SpawnedScaler;
let standby: SpawnedScaler;

beforeAll(async () => {
  site = await ScalerSite.open();
  const both = await Promise.all([site.start(), site.start()]);
  const leads = () => isLeader(both[0]) !== isLeader(both[1]);
  await eventually(leads, (one) => one);
  [leader, standby] = isLeader(both[0]) ? both : [both[1], both[0]];
});
afterAll(() => site?.[Symbol.asyncDispose]());

const isLeader = (scaler: SpawnedScaler) => scaler.said().includes('this scaler acts');
const readyCount = async (scaler: SpawnedScaler) =>
  (await scaler.ask('GET', '/scaling/status')).body.ready_instances;
const settledAt = (scaler: SpawnedScaler, count: number) =>
  eventually(
    () => readyCount(scaler),
    (ready) => ready === count,
  );
const byHand = (target: number) => ({ target_instances: target, reason: 'test' });

it('lets one of two scalers launch while the other shows the same', async () => {
  await settledAt(leader, 2);
  expect((await standby.ask('GET', '/readyz')).status).toBe(200);
  expect((await standby.ask('GET', '/scaling/status')).body).toEqual(
    (await leader.ask('GET', '/scaling/status')).body,
  );
  expect((await standby.ask('GET', '/v1/backends')).body).toEqual(
    (await leader.ask('GET', '/v1/backends')).body,
  );
  expect(await site.alive()).toEqual(site.launched().toSorted());
  expect(site.launched().length).toBe(2);
});

it('carries out a count that was sent to the standby', async () => {
  expect((await standby.ask('POST', '/scaling/scale', byHand(3))).status).toBe(200);
  await settledAt(leader, 3);
  expect((await standby.ask('DELETE', '/scaling/scale')).body).toMatchObject({ released: true });
});

it('reaches the leader with a configuration that was sent to the standby', async () => {
  expect((await standby.ask('PUT', '/scaling/config', { min_instances: 4 })).status).toBe(200);
  expect((await leader.ask('GET', '/scaling/config')).body).toMatchObject({ min_instances: 4 });
  await settledAt(leader, 4);
  expect(site.launched().length).toBe(4);
});

it('has the standby take over from a leader that stands still, which does not act when it goes on', async () => {
  // In the middle of a tick that has work to do, if chance will have it.
  await standby.ask('POST', '/scaling/scale', byHand(5));
  leader.signal('SIGSTOP');
  await eventually(
    () => isLeader(standby),
    (leads) => leads,
  );
  await settledAt(standby, 5);
  await standby.ask('POST', '/scaling/scale', byHand(6));
  await settledAt(standby, 6);
  leader.signal('SIGCONT');
  await eventually(
    () => leader.said().includes('another scaler acts'),
    (stands) => stands,
  );
  await systemClock.sleep(2_500);
  expect(site.launched().length).toBe(6);
  expect(await site.alive()).toEqual(site.launched().toSorted());
  expect(await readyCount(leader)).toBe(6);
  [leader, standby] = [standby, leader];
});

it('has the standby take over from a leader that was killed, within the lease, and keep all replicas', async () => {
  const before = await site.alive();
  leader.signal('SIGKILL');
  const killedAtMs = systemClock.nowMs();
  await leader.ended;
  await standby.ask('POST', '/scaling/scale', byHand(5));
  await eventually(
    async () => (await site.alive()).length,
    (count) => count === 5,
  );
  // The lease, a tick, the drain and its end.
  expect(systemClock.nowMs() - killedAtMs).toBeLessThan(LEASE_MS + 6_000);
  expect(site.launched().length).toBe(6);
  expect((await site.alive()).every((id) => before.includes(id))).toBe(true);
});
