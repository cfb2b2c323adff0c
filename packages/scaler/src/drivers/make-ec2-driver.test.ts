import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import type { GroupConfig } from '../config/scaler-config.ts';
import { makeEc2Driver } from './make-ec2-driver.ts';

const around = {
  pool: 'p',
  stateDir: '/nowhere',
  env: {},
  clock: new ManualClock(),
  onEvent: () => undefined,
};
const make = (driverOptions: GroupConfig['driverOptions']) =>
  // `as`: a driver reads nothing else of its group.
  makeEc2Driver({ name: 'cpu', driver: 'ec2', driverOptions } as GroupConfig, around);

it('needs a pool and a launch template, and has defaults for all else', () => {
  const { strangers, listGraceSeconds } = make({ pool: 'p', launchTemplate: { name: 'embedder' } });
  expect({ strangers, listGraceSeconds }).toEqual({ strangers: 'end', listGraceSeconds: 60 });
  const other = make({
    pool: 'p',
    launchTemplate: { id: 'lt-0123', version: 3 },
    unknownHosts: 'adopt',
    listGraceSeconds: 0,
  });
  expect([other.strangers, other.listGraceSeconds]).toEqual(['adopt', 0]);
});

it.each([
  [{ launchTemplate: { name: 'embedder' } }, 'pool: '],
  [{ pool: 'p' }, 'launchTemplate: '],
  [{ pool: 'p', launchTemplate: {} }, 'launchTemplate: needs either an id or a name'],
  [
    { pool: 'p', launchTemplate: { id: 'lt-01', name: 'embedder' } },
    'launchTemplate: needs either an id or a name',
  ],
  [
    { pool: 'p', launchTemplate: { name: 'embedder', version: 'latest' } },
    'launchTemplate.version: must be a number, $Default or $Latest',
  ],
  [{ pool: 'p', launchTemplate: { name: 'embedder' }, purchase: 'cheap' }, 'purchase: '],
  [{ pool: 'p', launchTemplate: { name: 'embedder' }, tags: { 'forebay:pool': 'q' } }, 'tags.forebay:pool: '],
  [{ pool: 'p', launchTemplate: { name: 'embedder' }, healthPath: 'ping' }, 'healthPath: '],
  [{ pool: 'p', launchTemplate: { name: 'embedder' }, count: 3 }, 'count: is not a setting'],
])('refuses %o', (options, fault) => {
  expect(() => make(options)).toThrow(
    expect.objectContaining({ code: 'SCALER_CONFIG', message: expect.stringContaining(fault) }),
  );
});

it.each(['p*', 'p?', 'p\\'])('refuses the pool %s: a filter of EC2 finds others by it', (pool) => {
  expect(() => make({ pool, launchTemplate: { name: 'embedder' } })).toThrow(
    expect.objectContaining({
      code: 'SCALER_CONFIG',
      message: expect.stringContaining('pool: must be without *, ? and \\'),
    }),
  );
});
