import { describe, expect, it } from 'vitest';
import { type LoadedConfig, loadConfig } from './load-config.ts';

interface Given {
  env?: Record<string, string>;
  yaml?: string;
}

function load({ env = {}, yaml }: Given) {
  return loadConfig({
    env,
    argv: yaml === undefined ? [] : ['--config', 'forebay.yaml'],
    readFile: () => yaml ?? '',
  });
}

function loaded(given: Given): LoadedConfig {
  const result = load(given);
  if (result.kind === 'config-error') throw new Error(result.message);
  return result;
}

function problems(given: Given): readonly string[] {
  const result = load(given);
  return result.kind === 'config-error' ? result.problems : [];
}

const DJL = { DJL_URLS: 'http://djl:8080/predictions/m' };

describe('backends in the configuration', () => {
  it('are read by the pool, whose problem names the setting', () => {
    expect(problems({ env: { DJL_URLS: 'http://a/predictions/m,ftp://b' } })).toEqual([
      expect.stringMatching(/^DJL_URLS: backend 2 .*ftp:\/\/b/),
    ]);
    expect(problems({ yaml: 'port: 1\ndjlUrls: [http://a/predictions/m;class=huge]' })).toEqual([
      expect.stringMatching(/^forebay\.yaml:2 djlUrls: backend 1 .*class/),
    ]);
  });
});

describe('rules over several settings', () => {
  const open = { FOREBAY_ALLOW_OPEN: '1' };

  it.each<[string, Record<string, string>]>([
    ['loopback without a source, for local backends', {}],
    ['another loopback address', { HOST: '127.0.0.2' }],
    ['loopback by name', { HOST: 'localhost' }],
    ['loopback in IPv6', { HOST: '[::1]' }],
    [
      'beyond loopback with a source and keys',
      { HOST: '0.0.0.0', ...DJL, FOREBAY_API_KEYS_FILE: 'keys.yaml' },
    ],
    ['beyond loopback with a source, open', { HOST: '::', ...DJL, ...open }],
    ['loopback with only a list as source', { BACKENDS_FILE: 'b.json', LOCAL_BACKENDS: '0' }],
  ])('allow %s', (_name, env) => {
    expect(problems({ env })).toEqual([]);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    [
      'no source beyond loopback',
      { HOST: '0.0.0.0', ...open },
      /no source of backends.*DJL_URLS.*HOST is 0\.0\.0\.0/,
    ],
    [
      'local backends beyond loopback',
      { HOST: '10.1.2.3', LOCAL_BACKENDS: '2', ...open },
      /no source of backends/,
    ],
    ['no source at all', { LOCAL_BACKENDS: '0' }, /no source of backends.*LOCAL_BACKENDS is 0/],
    [
      'beyond loopback without keys',
      { HOST: '0.0.0.0', ...DJL },
      /HOST is 0\.0\.0\.0.*FOREBAY_API_KEYS_FILE.*FOREBAY_ALLOW_OPEN/,
    ],
    [
      'an admin key in place of keys',
      { HOST: '0.0.0.0', ...DJL, FOREBAY_ADMIN_KEY: 'a' },
      /FOREBAY_API_KEYS_FILE/,
    ],
    [
      'a name that only looks like loopback',
      { HOST: 'localhost.example', ...DJL },
      /HOST is localhost\.example/,
    ],
  ])('refuse %s', (_name, env, problem) => {
    expect(problems({ env })).toEqual([expect.stringMatching(problem)]);
  });

  it('start no local backends beside another source', () => {
    expect(loaded({ env: DJL })).toMatchObject({ config: { localBackends: 0 }, warnings: [] });
    const { warnings } = loaded({ env: { ...DJL, LOCAL_BACKENDS: '1' } });
    expect(warnings).toEqual([expect.stringContaining('LOCAL_BACKENDS has no effect')]);
  });

  it('put HOST among the allowed hosts, in brackets where it is IPv6', () => {
    expect(loaded({ env: { HOST: '::1' } }).config.allowedHosts).toEqual(['[::1]', 'localhost', '127.0.0.1']);
    const env = { HOST: 'pool.example', ...DJL, FOREBAY_ALLOW_OPEN: '1' };
    expect(loaded({ env }).config.allowedHosts).toEqual(['pool.example', 'localhost', '127.0.0.1', '[::1]']);
  });

  it('warn of a token without a list, and of unknown variables with our prefix', () => {
    const env = {
      BACKENDS_TOKEN: 't',
      FOREBAY_ADMINKEY: 'x',
      FOREBAY_MODEL_DIR: '/models',
      FOREBAY_SERVICE_HOST: '10.0.0.1',
      FOREBAY_PORT_8080_TCP_ADDR: '10.0.0.1',
      FOREBAY_GATEWAY_SERVICE_PORT_HTTP: '8080',
    };
    expect(loaded({ env }).warnings).toEqual([
      'FOREBAY_ADMINKEY is not a setting, did you mean FOREBAY_ADMIN_KEY?',
      'BACKENDS_TOKEN has no effect without BACKENDS_URL',
    ]);
  });
});
