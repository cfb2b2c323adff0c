import { describe, expect, it } from 'vitest';
import { PoolError } from '../errors.ts';
import type { EmbedderPoolOptions } from '../options.ts';
import { optionsFromEnv } from './options-from-env.ts';

const URLS = 'http://a:8080/predictions/m, http://b:8080/predictions/m;class=gpu,';
const backends = ['http://a:8080/predictions/m', 'http://b:8080/predictions/m;class=gpu'];

describe('optionsFromEnv', () => {
  it.each<[string, Record<string, string>, EmbedderPoolOptions]>([
    ['several URLs', { DJL_URLS: URLS }, { backends, models: [] }],
    [
      'a single URL',
      { DJL_URL: 'http://a:8080/predictions/m' },
      { backends: backends.slice(0, 1), models: [] },
    ],
    [
      'a single URL beside an empty list, as composed files leave it',
      { DJL_URLS: '', DJL_URL: 'http://a:8080/predictions/m' },
      { backends: backends.slice(0, 1), models: [] },
    ],
    [
      'a list over HTTP with its token',
      { BACKENDS_URL: 'http://scaler:8090/v1/backends', BACKENDS_TOKEN: 'secret' },
      { backends: [], models: [], backendsUrl: 'http://scaler:8090/v1/backends', backendsToken: 'secret' },
    ],
    [
      'a file',
      { BACKENDS_FILE: '/etc/backends.json' },
      { backends: [], models: [], backendsFile: '/etc/backends.json' },
    ],
    [
      'everything else',
      {
        DJL_URLS: URLS,
        MODELS: 'm, n',
        MODEL_ALIASES: 'default=m, x=y=z',
        LOAD_BALANCER_STRATEGY: 'least_connections',
        VERIFY: 'full',
        REQUEST_TIMEOUT_MS: '5000',
      },
      {
        backends,
        models: ['m', 'n'],
        modelAliases: { default: 'm', x: 'y=z' },
        strategy: 'least-connections',
        verify: 'full',
        idleTimeoutMs: 5_000,
      },
    ],
    [
      'settings that are there but empty',
      {
        DJL_URLS: URLS,
        MODELS: '',
        MODEL_ALIASES: '',
        LOAD_BALANCER_STRATEGY: '',
        VERIFY: '',
        REQUEST_TIMEOUT_MS: '',
      },
      { backends, models: [] },
    ],
  ])('reads %s', (_fact, env, expected) => {
    expect(optionsFromEnv(env)).toEqual(expected);
  });

  it('reads the files of TLS', () => {
    const env = {
      DJL_URLS: 'https://a/predictions/m',
      BACKENDS_CA_FILE: 'ca.pem',
      BACKENDS_CLIENT_CERT_FILE: 'own.pem',
      BACKENDS_CLIENT_KEY_FILE: 'own.key',
    };
    expect(optionsFromEnv(env, (path) => `content of ${path}`).tls).toEqual({
      ca: 'content of ca.pem',
      cert: 'content of own.pem',
      key: 'content of own.key',
    });
  });

  it('names the variable and the file that is not there', () => {
    expect(() => optionsFromEnv({ DJL_URLS: URLS, BACKENDS_CA_FILE: '/nowhere.pem' })).toThrow(
      /^BACKENDS_CA_FILE \/nowhere\.pem cannot be read: /,
    );
  });

  it('needs a source of backends', () => {
    expect(() => optionsFromEnv({ MODELS: 'm' })).toThrow(
      new PoolError(
        'POOL_INVALID_OPTIONS',
        'Set DJL_URLS, BACKENDS_URL or BACKENDS_FILE: none of them is set',
      ),
    );
  });

  it.each(['m', '=m', 'alias='])('refuses the alias %s', (item) => {
    expect(() => optionsFromEnv({ DJL_URLS: URLS, MODEL_ALIASES: `a=m,${item}` })).toThrow(
      new PoolError('POOL_INVALID_OPTIONS', `MODEL_ALIASES has ${item}, expected alias=model`),
    );
  });
});
