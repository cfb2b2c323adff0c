import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import { loadConfig } from './config/load-config.ts';
import type { GroupConfig } from './config/scaler-config.ts';
import type { Driver } from './drivers/driver.ts';
import { makeDriver } from './drivers/make-driver.ts';
import { ScalerError } from './errors.ts';
import { LiveDrivers } from './live-drivers.ts';
import { LiveGroups } from './live-groups.ts';
import { makeLogger } from './log.ts';

/** Drivers that do nothing but tell of what they were made, as that of EC2 checks its template. */
function world() {
  const made: string[] = [];
  const closed: string[] = [];
  const make = ({ driverOptions: { launchTemplate = 'none' } }: GroupConfig): Driver => {
    const template = String(launchTemplate);
    if (!/^lt-/.test(template))
      throw new ScalerError('SCALER_CONFIG', `launchTemplate: no template ${template}`);
    made.push(template);
    return {
      name: 'ec2',
      namesReplicas: true,
      choosesRemoved: true,
      strangers: 'adopt',
      listGraceSeconds: 0,
      leastTickSeconds: 0,
      list: async () => [],
      scale: async () => undefined,
      close: async () => void closed.push(template),
    };
  };
  const yaml = 'groups: [{driver: ec2, driverOptions: {launchTemplate: lt-1}}]';
  const loaded = loadConfig({ env: { HOME: '/h' }, argv: ['--config', 'f'], readFile: () => yaml });
  if (loaded.kind === 'config-error') throw new Error(loaded.message);
  const drivers = new LiveDrivers(make, (error) => void closed.push(String(error)));
  const store = { override: undefined as unknown, configOverride: () => store.override };
  const groups = new LiveGroups(loaded.config, store, makeLogger('silent'), (group) => drivers.check(group));
  const driven = () => groups.current().map((group) => drivers.of(group));
  return { made, closed, drivers, groups, store, driven };
}

const template = (id: string) => ({ driver_options: { launchTemplate: id } });

it('keeps a driver while its options are the same, and makes another when they change', async () => {
  const { made, closed, drivers, store, driven } = world();
  const [first] = driven();
  expect(driven()).toEqual([first]);
  store.override = { max_instances: 20 };
  expect(driven()[0]).toBe(first);
  store.override = template('lt-2');
  const [second] = driven();
  expect(second).not.toBe(first);
  expect(drivers.find('default')).toBe(second);
  // Once to see whether it can be made, once to use it.
  expect([made, closed]).toEqual([['lt-1', 'lt-2', 'lt-2'], ['lt-1']]);
  store.override = undefined;
  driven();
  await drivers.close();
  expect(closed).toEqual(['lt-1', 'lt-2', 'lt-1']);
});

it('takes a launch template that the driver for EC2 takes, and names the field of one that it does not', () => {
  const yaml = 'groups: [{driver: ec2, driverOptions: {pool: p, region: r, launchTemplate: {name: one}}}]';
  const loaded = loadConfig({ env: { HOME: '/h' }, argv: ['--config', 'f'], readFile: () => yaml });
  if (loaded.kind === 'config-error') throw new Error(loaded.message);
  const around = {
    pool: 'p',
    stateDir: '/nowhere',
    env: {},
    clock: new ManualClock(),
    onEvent: () => undefined,
  };
  const check = (group: GroupConfig) => void makeDriver(group, around);
  const store = { configOverride: () => undefined };
  const groups = new LiveGroups(loaded.config, store, makeLogger('silent'), check);
  const put = (launchTemplate: unknown) => groups.apply({ driver_options: { launchTemplate } });
  expect(put({ id: 'lt-0a1b', version: '3' })).toMatchObject({
    kind: 'applied',
    groups: [{ driverOptions: { pool: 'p', launchTemplate: { id: 'lt-0a1b', version: '3' } } }],
  });
  expect(put({ id: '0a1b' })).toEqual({
    kind: 'refused',
    problems: [
      {
        field: 'driver_options',
        message: expect.stringContaining('launchTemplate.id: must be like lt-0123456789abcdef0'),
      },
    ],
  });
});

it('refuses options that no driver can be made of, naming them, and changes nothing', () => {
  const { closed, groups, driven } = world();
  const [first] = driven();
  expect(groups.apply(template('x'))).toEqual({
    kind: 'refused',
    problems: [
      { field: 'driver_options', message: "driver_options can't be used: launchTemplate: no template x" },
    ],
  });
  expect(groups.apply({ groups: [{ name: 'default', ...template('y') }] })).toEqual({
    kind: 'refused',
    problems: [
      {
        field: 'groups[0].driver_options',
        message: "groups[0].driver_options can't be used: launchTemplate: no template y",
      },
    ],
  });
  expect(driven()[0]).toBe(first);
  expect(closed).toEqual([]);
});

it.each([
  [
    '{driver: asg, driverOptions: {autoScalingGroupName: x}}',
    '{driver: asg, driverOptions: {autoScalingGroupName: x, region: eu-west-1, port: 81}}',
    '{driver: asg, driverOptions: {autoScalingGroupName: x, region: eu-west-2}}',
    'Auto Scaling group x in eu-west-1',
  ],
  [
    '{driver: ecs, driverOptions: {cluster: c, service: x}}',
    '{driver: ecs, driverOptions: {cluster: "arn:aws:ecs:eu-west-1:123456789012:cluster/c", service: x}}',
    '{driver: ecs, driverOptions: {cluster: d, service: x}}',
    'ECS service x of c in eu-west-1',
  ],
  [
    '{driver: kubernetes, driverOptions: {deployment: x, server: "http://k"}}',
    '{driver: kubernetes, driverOptions: {deployment: x, server: "http://k", namespace: default}}',
    '{driver: kubernetes, driverOptions: {deployment: x, server: "http://k", namespace: other}}',
    'Deployment x in namespace default of http://k',
  ],
])('refuses two groups over one thing, however it is written: %s', (first, again, other, what) => {
  const named = [first, again, other].map((text, i) => text.replace('{', `{name: ${'abc'[i]}, `));
  const yaml = `groups: [${named.join(', ')}]`;
  const loaded = loadConfig({ env: { HOME: '/h' }, argv: ['--config', 'f'], readFile: () => yaml });
  if (loaded.kind === 'config-error') throw new Error(loaded.message);
  const surroundings = {
    pool: 'p',
    stateDir: '/nowhere',
    env: { AWS_REGION: 'eu-west-1' },
    clock: new ManualClock(),
    onEvent: () => undefined,
  };
  const drivers = new LiveDrivers(
    (group) => makeDriver(group, surroundings),
    () => undefined,
  );
  const [a, b, c] = loaded.config.groups as [GroupConfig, GroupConfig, GroupConfig];
  expect(drivers.of(a).name).toBe(a.driver);
  expect(drivers.of(c).name).toBe(c.driver);
  const refusal = `groups a and b both scale ${what}: each needs one of its own`;
  expect(() => drivers.of(b)).toThrow(refusal);
  expect(() => drivers.check(b)).toThrow(refusal);
  expect(() => drivers.check(a)).not.toThrow();
});
