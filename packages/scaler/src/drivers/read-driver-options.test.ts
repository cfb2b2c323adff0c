import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import type { DriverName, GroupConfig } from '../config/scaler-config.ts';
import { groupSettings } from '../values/group-settings.test-support.ts';
import { makeDriver } from './make-driver.ts';

const OPTIONS: Readonly<Record<DriverName, readonly string[]>> = {
  process: ['command', 'env', 'path', 'healthPath', 'stopTimeoutMs'],
  swarm: ['host', 'tls', 'service', 'url', 'port', 'path', 'network', 'engines'],
  kubernetes: [
    ...['deployment', 'kind', 'name', 'apiVersion', 'resource', 'namespace', 'port', 'path'],
    ...['onForeignScaler', 'usageOf', 'watchNodes', 'kubeconfig', 'context', 'server', 'tokenFile', 'caFile'],
  ],
  ecs: [
    ...['region', 'endpoint', 'cluster', 'service', 'url', 'scheme', 'port', 'path'],
    ...['taskProtection', 'onForeignScaler'],
  ],
  asg: [
    ...['region', 'endpoint', 'autoScalingGroupName', 'scheme', 'port', 'path', 'healthPath'],
    ...['onForeignScaler', 'metricPeriodSeconds'],
  ],
  ec2: [
    ...['region', 'endpoint', 'pool', 'launchTemplate', 'instanceTypes', 'subnetIds', 'tags', 'purchase'],
    ...['spotRetrySeconds', 'spotTrialSeconds', 'address', 'port', 'path', 'healthPath', 'readiness'],
    ...['unhealthyAfterProbes', 'unknownHosts', 'listGraceSeconds'],
  ],
};

const named = Object.entries(OPTIONS).flatMap(([driver, options]) =>
  // `as`: the keys of a record.
  options.map((option): [DriverName, string] => [driver as DriverName, option]),
);

it.each(named)('says of driver %s what its option %s must be', (driver, option) => {
  for (const wrong of [null, -1, [7.5], { x: 7.5 }]) {
    const fault = faultsOf(driver, { [option]: wrong }).find((each) => each.startsWith(option));
    expect(fault).toMatch(/must be .*, got |is not a setting/);
    expect(fault).not.toMatch(/invalid|expected/i);
  }
});

it.each(named)('knows which option of driver %s was meant: %s', (driver, option) => {
  expect(faultsOf(driver, { [`${option}x`]: 1 })).toContain(
    `${option}x: is not a setting, did you mean ${option}?`,
  );
});

it.each([
  ['ecs', ['service: must be the name of a service, not its ARN, got nothing']],
  ['asg', ['autoScalingGroupName: must be the name of an Auto Scaling group, got nothing']],
  [
    'ec2',
    [
      'pool: must be a text of 1 to 256 characters, got nothing',
      'launchTemplate: must be a mapping with id, name, version, got nothing',
    ],
  ],
] as const)('names the options that driver %s needs: %j', (driver, faults) => {
  expect(faultsOf(driver, {})).toEqual(faults);
});

it('keeps what a variable of a process was set to out of its messages', () => {
  expect(faultsOf('process', { env: { API_KEY: 123_456 } })).toEqual([
    'env.API_KEY: must be a text, got ****',
  ]);
});

/** Each as the message of the refusal has it. */
function faultsOf(driver: DriverName, driverOptions: GroupConfig['driverOptions']): string[] {
  const group = { ...groupSettings({ name: 'web' }), driver, driverOptions };
  const around = {
    pool: 'p',
    stateDir: '/none',
    env: {},
    clock: new ManualClock(),
    onEvent: () => undefined,
  };
  try {
    makeDriver(group, around);
  } catch (error) {
    expect(error).toMatchObject({ code: 'SCALER_CONFIG' });
    const head = `group web, options of driver ${driver}: `;
    const { message } = error as Error;
    expect(message.slice(0, head.length)).toBe(head);
    return message.slice(head.length).split('; ');
  }
  return [];
}
