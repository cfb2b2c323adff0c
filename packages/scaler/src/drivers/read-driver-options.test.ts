import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import type { DriverName, DriverOptions, GroupConfig } from '../config/scaler-config.ts';
import { makeDriver } from './make-driver.ts';

const around = {
  pool: 'p',
  stateDir: '/nowhere',
  env: {},
  clock: new ManualClock(),
  onEvent: () => undefined,
};

function refusalOf(driver: DriverName, driverOptions: DriverOptions): string {
  try {
    // `as`: a driver reads little else of its group, and not before its options.
    makeDriver({ name: 'web', driver, driverOptions, max: 1 } as GroupConfig, around);
  } catch (error) {
    return (error as Error).message;
  }
  return 'none';
}

const EC2 = { pool: 'p', launchTemplate: { name: 'embedder' } };

it.each<[DriverName, DriverOptions, string]>([
  ['ec2', { launchTemplate: { name: 'embedder' } }, 'pool: must be a text, got nothing'],
  ['ec2', { pool: 'p' }, 'launchTemplate: must be a mapping, got nothing'],
  ['ec2', { ...EC2, pool: '' }, 'pool: must have at least 1 characters, got ""'],
  ['ec2', { ...EC2, port: 'http' }, 'port: must be a number, got "http"'],
  ['ec2', { ...EC2, port: 0.5 }, 'port: must be an integer, got 0.5'],
  ['ec2', { ...EC2, port: 70_000 }, 'port: must be at most 65535, got 70000'],
  ['ec2', { ...EC2, subnetIds: 'subnet-1' }, 'subnetIds: must be a list, got "subnet-1"'],
  [
    'ec2',
    { ...EC2, purchase: 'spot-frist' },
    'purchase: must be one of on-demand, spot, spot-first, did you mean spot-first?, got "spot-frist"',
  ],
  ['ec2', { ...EC2, healthPath: 'ping' }, 'healthPath: must begin with /, got "ping"'],
  ['ec2', { ...EC2, sunbetIds: [] }, 'sunbetIds: is not an option, did you mean subnetIds?'],
  [
    'ec2',
    { ...EC2, launchTemplate: { nam: 'x' } },
    'launchTemplate.nam: is not an option, did you mean name?; launchTemplate: needs either an id or a name, got {"nam":"x"}',
  ],
  ['ecs', {}, 'service: must be a text, got nothing'],
  [
    'ecs',
    { service: 'arn:aws:ecs:x' },
    'service: must be the name of a service, not its ARN, got "arn:aws:ecs:x"',
  ],
  ['ecs', { service: 's', taskProtection: 'yes' }, 'taskProtection: must be true or false, got "yes"'],
  ['asg', {}, 'autoScalingGroupName: must be a text, got nothing'],
  ['asg', { autoScalingGroupName: 'g', healthPath: 'ping' }, 'healthPath: must begin with /, got "ping"'],
  [
    'asg',
    { autoScalingGroupName: 'g', metricPeriodSeconds: 90 },
    'metricPeriodSeconds: must be a multiple of 60, got 90',
  ],
  ['swarm', { port: null }, 'port: must be a number, got null'],
  ['swarm', { tls: 'on' }, 'tls: must be a mapping, got "on"'],
  ['kubernetes', { deployment: 'Djl' }, 'deployment: must be the name of an object, got "Djl"'],
  ['kubernetes', { deployment: 'djl', server: 'ftp://x' }, 'server: must be a url, got "ftp://x"'],
  ['process', { command: 'node x' }, 'command: must be a list, got "node x"'],
  ['process', { env: { PORT: 1 } }, 'env.PORT: must be a text, got 1'],
])('says of driver %s with %j what it must be', (driver, options, fault) => {
  expect(refusalOf(driver, options)).toBe(`group web, options of driver ${driver}: ${fault}`);
});

it('names every fault', () => {
  expect(refusalOf('ec2', { port: 'x', hots: 1 })).toMatch(/pool: .*; launchTemplate: .*; port: .*; hots: /);
});
