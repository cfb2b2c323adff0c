import { expect, it } from 'vitest';
import {
  gatewayEnvironment,
  scalerEnvironment,
  scalerUrlOf,
  stateFolderOf,
  toCallable,
  withListToken,
} from './scaled-environments.ts';

const around = { cores: 4, stateFolder: '/state' };

it('gives the scaler what it needs, and neither HOST nor PORT', () => {
  const env = { HOST: '0.0.0.0', PORT: '80', PATH: '/bin', BACKENDS_TOKEN: 't' };
  expect(scalerEnvironment(env, 'http://127.0.0.1:80', around)).toEqual({
    PATH: '/bin',
    BACKENDS_TOKEN: 't',
    SCALER_HOST: '127.0.0.1',
    SCALER_PORT: '8090',
    SCALER_DRIVER: 'process',
    SCALER_STATE: '/state/start-8090.sqlite',
    SCALER_ON_STOP: 'end',
    MIN_INSTANCES: '0',
    MAX_INSTANCES: '4',
    GATEWAY_URL: 'http://127.0.0.1:80',
  });
});

it('lets the user have it otherwise', () => {
  const env = {
    SCALER_HOST: '::1',
    SCALER_PORT: '9000',
    SCALER_DRIVER: 'swarm',
    SCALER_STATE: ':memory:',
    SCALER_ON_STOP: 'keep',
    MIN_INSTANCES: '2',
    MAX_INSTANCES: '3',
    GATEWAY_URL: 'http://gateway',
  };
  expect(scalerEnvironment(env, 'http://127.0.0.1:80', around)).toEqual(env);
});

it('allows as many as are needed at least', () => {
  expect(scalerEnvironment({ MIN_INSTANCES: '9' }, 'http://g', around).MAX_INSTANCES).toBe('9');
});

it.each([
  { env: {}, limits: {} },
  // The scaler says whether there is a group for it.
  { env: { MIN_INSTANCES: '1' }, limits: { MIN_INSTANCES: '1' } },
])('leaves the limits to a file that has groups, but for what the user sets: $env', ({ env, limits }) => {
  const { MIN_INSTANCES, MAX_INSTANCES } = scalerEnvironment(env, 'http://g', {
    ...around,
    groupsInFile: true,
  });
  expect({ MIN_INSTANCES, MAX_INSTANCES }).toEqual({
    MIN_INSTANCES: undefined,
    MAX_INSTANCES: undefined,
    ...limits,
  });
});

it.each([
  { env: {}, keyInFile: false, token: undefined },
  { env: { FOREBAY_ADMIN_KEY: 'k' }, keyInFile: false, token: 'new' },
  { env: {}, keyInFile: true, token: 'new' },
  { env: { FOREBAY_ADMIN_KEY: 'k', BACKENDS_TOKEN: 'mine' }, keyInFile: false, token: 'mine' },
])('lets the gateway read a list that a key closes: $env, in the file: $keyInFile', (row) => {
  expect(withListToken(row.env, row.keyInFile, 'new').BACKENDS_TOKEN).toBe(row.token);
});

it('points the gateway to the scaler', () => {
  expect(gatewayEnvironment({ PORT: '80', BACKENDS_TOKEN: 't', SCALER_PORT: '9000' })).toEqual({
    PORT: '80',
    BACKENDS_TOKEN: 't',
    SCALER_PORT: '9000',
    BACKENDS_URL: 'http://127.0.0.1:9000/v1/backends',
    MODELS: 'all-MiniLM-L6-v2',
  });
});

it.each(['BACKENDS_URL', 'BACKENDS_FILE'])('refuses a %s of the user', (name) => {
  expect(() => gatewayEnvironment({ [name]: 'x' })).toThrow(`unset ${name} or start without --scale`);
});

it('knows what to call for what is listened on', () => {
  expect([
    scalerUrlOf({ SCALER_HOST: '0.0.0.0' }),
    scalerUrlOf({ SCALER_HOST: '::1', SCALER_PORT: '1' }),
    toCallable('http://0.0.0.0:8080'),
    toCallable('https://[::]:8080'),
    toCallable('http://192.168.1.2:8080/'),
  ]).toEqual([
    'http://127.0.0.1:8090',
    'http://[::1]:1',
    'http://127.0.0.1:8080',
    'https://127.0.0.1:8080',
    'http://192.168.1.2:8080',
  ]);
});

it.each([
  { env: {}, folder: '/home/me/.local/state/forebay' },
  { env: { XDG_STATE_HOME: '/var/me' }, folder: '/var/me/forebay' },
])('keeps state in $folder', ({ env, folder }) => {
  expect(stateFolderOf(env, '/home/me')).toBe(folder);
});
