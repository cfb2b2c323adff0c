import { describe, expect, it } from 'vitest';
import { PoolError } from './errors.ts';
import { type EmbedderPoolOptions, resolveOptions } from './options.ts';

function thrownBy(options: unknown): unknown {
  try {
    return resolveOptions(options as EmbedderPoolOptions);
  } catch (error) {
    return error;
  }
}

describe('resolveOptions', () => {
  it('fills in the defaults', () => {
    const { clock, random, transport, ...values } = resolveOptions({});
    expect(values).toEqual({
      backends: [],
      sources: [],
      models: [],
      modelAliases: {},
      strategy: 'least-work',
      verify: 'fast',
      groupByLength: true,
      maxQueuedChunks: Number.POSITIVE_INFINITY,
      maxQueuedBytes: Number.POSITIVE_INFINITY,
      maxHeldJobs: Number.POSITIVE_INFINITY,
      idleTimeoutMs: 60_000,
      batchTimeoutMs: 30_000,
      maxAttempts: 5,
    });
    expect(clock.nowMs()).toBeGreaterThan(0);
    expect(random()).toBeLessThan(1);
    expect(transport).toBeInstanceOf(Function);
  });

  it('takes undefined for not given', () => {
    expect(thrownBy({ maxAttempts: undefined, strategy: undefined })).toMatchObject({
      maxAttempts: 5,
      strategy: 'least-work',
    });
  });

  it.each<[string, unknown]>([
    ['maxQueuedChunks', 1],
    ['maxQueuedBytes', Number.POSITIVE_INFINITY],
    ['maxHeldJobs', 0],
    ['idleTimeoutMs', Number.POSITIVE_INFINITY],
    ['batchTimeoutMs', 1],
    ['maxAttempts', 1],
    ['maxAttempts', 100],
    ['verify', 'full'],
    ['strategy', 'ip-hash'],
    ['strategy', { name: 'own', pick: () => undefined }],
  ])('takes %s %o', (field, value) => {
    expect(thrownBy({ [field]: value })).toMatchObject({ [field]: value });
  });

  it.each<[string, unknown, string]>([
    ['maxQueuedChunks', 0, 'maxQueuedChunks must be a number of at least 1, got 0'],
    ['maxQueuedChunks', Number.NaN, 'maxQueuedChunks must be a number of at least 1, got NaN'],
    ['maxQueuedBytes', '1', 'maxQueuedBytes must be a number of at least 1, got 1'],
    ['maxHeldJobs', -1, 'maxHeldJobs must be a number of at least 0, got -1'],
    ['idleTimeoutMs', 0, 'idleTimeoutMs must be a number of at least 1, got 0'],
    ['batchTimeoutMs', 0, 'batchTimeoutMs must be a number from 1 to 2147483647, got 0'],
    [
      'batchTimeoutMs',
      Number.POSITIVE_INFINITY,
      'batchTimeoutMs must be a number from 1 to 2147483647, got Infinity',
    ],
    ['maxAttempts', 0, 'maxAttempts must be an integer from 1 to 100, got 0'],
    ['maxAttempts', 101, 'maxAttempts must be an integer from 1 to 100, got 101'],
    ['maxAttempts', 1.5, 'maxAttempts must be an integer from 1 to 100, got 1.5'],
    ['verify', 'maybe', "verify must be 'fast' or 'full', got maybe"],
    [
      'strategy',
      'fastest',
      'strategy must be least-work, least-connections, round-robin, ip-hash or an object with pick(), got fastest',
    ],
    [
      'strategy',
      {},
      'strategy must be least-work, least-connections, round-robin, ip-hash or an object with pick(), got [object Object]',
    ],
  ])('refuses %s %s', (field, value, message) => {
    const error = thrownBy({ [field]: value });
    expect(error).toBeInstanceOf(PoolError);
    expect(error).toMatchObject({ code: 'POOL_INVALID_OPTIONS', message });
  });

  it.each([
    [{ ca: 'none' }, 'tls.ca has no certificate in PEM'],
    [
      { ca: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----' },
      'tls.ca has a certificate that cannot be read',
    ],
    [{ cert: 'x' }, 'tls.key is missing: a certificate needs its private key'],
    [{ key: 'secret' }, 'tls.cert is missing: a key needs its certificate'],
    [
      { cert: 'x', key: 'secret' },
      'tls.cert has no certificate in PEM; tls.key is no private key in PEM without a passphrase',
    ],
  ])('refuses tls %j', (tls, message) => {
    expect(thrownBy({ tls })).toMatchObject({ code: 'POOL_INVALID_OPTIONS', message });
  });

  it('names all bad fields at once', () => {
    expect(thrownBy({ maxAttempts: 0, maxHeldJobs: -1 })).toMatchObject({
      message:
        'maxHeldJobs must be a number of at least 0, got -1; maxAttempts must be an integer from 1 to 100, got 0',
    });
  });
});
