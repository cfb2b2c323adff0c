import { expect, it } from 'vitest';
import { AGENT_HELP } from './agent-help.ts';
import { parseAgentOptions } from './agent-options.ts';

const parse = (line: string, env: Readonly<Record<string, string>> = {}) =>
  parseAgentOptions(
    line.split(' ').filter((word) => word !== ''),
    env,
  );

it('has a default for all but the scaler', () => {
  expect(parse('--scaler http://s:8090/')).toEqual({
    kind: 'run',
    options: {
      scalers: ['http://s:8090'],
      id: undefined,
      token: { kind: 'none' },
      probeUrl: 'http://127.0.0.1:8080/ping',
      url: undefined,
      intervalSeconds: 5,
      toleratedSilences: 3,
      startSeconds: 600,
      watchesNotices: true,
      onStop: 'nothing',
    },
  });
});

it('takes what the environment says where no argument does', () => {
  const env = {
    SCALER_URL: 'http://a:1, http://b:2',
    FOREBAY_HOST_ID: 'i-1',
    FOREBAY_HOST_URL: 'http://10.0.0.1:8080',
    HOSTS_TOKEN: 'inn',
  };
  expect(parse('', env)).toMatchObject({
    options: {
      scalers: ['http://a:1', 'http://b:2'],
      id: 'i-1',
      url: 'http://10.0.0.1:8080',
      token: { kind: 'text', token: 'inn' },
    },
  });
  expect(parse('--scaler http://c:3 --scaler http://d:4 --id i-2 --token-file f', env)).toMatchObject({
    options: { scalers: ['http://c:3', 'http://d:4'], id: 'i-2', token: { kind: 'file', path: 'f' } },
  });
  expect(parse('--token-secret n', { ...env, HOSTS_TOKEN_FILE: 'f' })).toMatchObject({
    options: { token: { kind: 'secret', name: 'n' } },
  });
  expect(parse('', { ...env, HOSTS_TOKEN_FILE: 'f' })).toMatchObject({
    options: { token: { kind: 'file', path: 'f' } },
  });
});

it.each([
  ['', '--scaler (or SCALER_URL) must name the scaler, such as http://scaler:8090'],
  ['--scaler s:8090', '--scaler must be a URL like http://host:8090, without a user or password, got s:8090'],
  ['--scaler http://u:p@s', expect.stringContaining('without a user or password')],
  ['--scaler http://s --interval 0', '--interval must be a number from 0.1 to 3600, got 0'],
  ['--scaler http://s --failures 1.5', '--failures must be a whole number, got 1.5'],
  ['--scaler http://s --on-stop dance', '--on-stop must be nothing or leaving, got dance'],
  ['--scaler http://s --no-metadata', '--no-metadata needs --id: nobody else says which host this is'],
  ['--scaler http://s --id ä', expect.stringContaining('printable ASCII')],
  ['--scaler http://s --token-file f --token-secret s', expect.stringContaining('give one of them')],
  ['--skaler http://s', "Unknown option '--skaler'"],
])('says what is wrong with %j', (line, message) => {
  expect(parse(line)).toEqual({ kind: 'problem', message });
});

it('explains each option', () => {
  expect(parse('--help')).toEqual({ kind: 'help' });
  const names = [
    'scaler',
    'id',
    'url',
    'token-file',
    'token-secret',
    'probe',
    'interval',
    'failures',
    'start-seconds',
    'no-metadata',
    'on-stop',
  ];
  expect(names.filter((name) => !AGENT_HELP.includes(`  --${name} `))).toEqual([]);
});
