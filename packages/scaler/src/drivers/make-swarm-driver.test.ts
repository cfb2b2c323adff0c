import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@forebay/testing';
import { afterEach, expect, it } from 'vitest';
import type { GroupConfig } from '../config/scaler-config.ts';
import { groupSettings } from '../values/group-settings.test-support.ts';
import { makeDriver } from './make-driver.ts';
import { FakeEngine } from './swarm/fake-engine.test-support.ts';

let engine: FakeEngine | undefined;
afterEach(() => engine?.close());

const clock = new ManualClock();
const socket = join(tmpdir(), `forebay-make-swarm-${process.pid}.sock`);
const around = {
  pool: 'p',
  stateDir: '/none',
  env: { DOCKER_HOST: `unix://${socket}` },
  clock,
  onEvent: () => undefined,
};
const group = (name: string, driverOptions: GroupConfig['driverOptions'] = {}): GroupConfig => ({
  ...groupSettings({ name }),
  driver: 'swarm',
  driverOptions,
});

it.each([
  ['default', {}, 'embed_djl-cpu'],
  ['gpu', {}, 'embed_djl-gpu'],
  ['gpu', { service: 'mine' }, 'mine'],
])('finds the service of group %s with %j: %s', async (name, options, service) => {
  engine = new FakeEngine(clock);
  await engine.listen(socket);
  engine.create(service, 1);
  const driver = makeDriver(group(name, options), around);
  expect(await driver.list(name, AbortSignal.timeout(5_000))).toMatchObject([
    { id: `${service}.1.t1`, url: 'http://10.0.1.1:8080/predictions/all-MiniLM-L6-v2' },
  ]);
  await driver.close();
});

it.each([
  [{ servce: 'x' }, /servce/],
  [{ url: 'http://h:{slt}/p' }, /url: \{slt\} is none of slot, task/],
  [{ url: '{address}/p' }, /url: must begin with http/],
  [{ url: 'http://h' }, /url: must begin with http.* have a path/],
  [{ port: 0 }, /port/],
  [{ path: 'p' }, /path/],
  [{ host: 'ssh://m1' }, /ssh:\/\/m1 can't be spoken to/],
])('refuses %j', (options, message) => {
  expect(() => makeDriver(group('default', options), around)).toThrow(message);
});
