import { expect, it } from 'vitest';
import { type RawSettings, resolveConfig } from './config.ts';

const GIB = 1024 ** 3;
const MACHINE = { cpus: 16, memoryBytes: 32 * GIB };
const resolve = (...layers: RawSettings[]) => resolveConfig(layers, MACHINE);

it('has defaults for everything', () => {
  expect(resolve({})).toEqual({
    host: '127.0.0.1',
    port: 8081,
    modelDir: undefined,
    modelSources: ['pip', 'hub'],
    hubUrl: 'https://huggingface.co',
    workers: 16,
    workersBound: '16 CPUs',
    maxRunTexts: 16,
    groupByLength: true,
    maxQueuedRequests: 1000,
    maxRequestBytes: 64 * 1024 * 1024,
    stopTimeoutMs: 25_000,
  });
});

it.each([
  ['INSTANCE_TYPE=small', { INSTANCE_TYPE: 'small' }, { workers: 3, maxRunTexts: 32 }],
  ['INSTANCE_SIZE=large', { INSTANCE_SIZE: 'large' }, { workers: 8, maxRunTexts: 64 }],
  ['GROUP_BY_LENGTH=off', { GROUP_BY_LENGTH: 'off' }, { groupByLength: false }],
  [
    'what an instance type brings',
    { INSTANCE_TYPE: 'large', MAX_WORKERS: '2', BATCH_SIZE: '8' },
    { workers: 2, maxRunTexts: 8 },
  ],
  [
    'a whole deployment of large instances',
    {
      DELPHI_INSTANCE_TYPE: 'large',
      DELPHI_MAX_WORKERS: '8',
      DELPHI_WORKER_MEMORY: '8g',
      DELPHI_CONTAINER_MEMORY: '32g',
      DELPHI_CONTAINER_CPUS: '8',
    },
    { workers: 4, maxRunTexts: 64 },
  ],
  [
    'DJL Serving names',
    { SERVING_JOB_QUEUE_SIZE: '5', SERVING_MAX_REQUEST_SIZE: '2048' },
    { maxQueuedRequests: 5, maxRequestBytes: 2048 },
  ],
  ['one source', { FOREBAY_MODEL_SOURCE: 'hub' }, { modelSources: ['hub'] }],
])('understands %s', (_, env, expected) => {
  expect(resolve(env)).toMatchObject(expected);
});

it('takes the first layer that has a value, and empty text for none', () => {
  const config = resolve({ PORT: undefined }, { PORT: '', HOST: '::1' }, { PORT: '9000', HOST: 'localhost' });
  expect(config).toMatchObject({ port: 9000, host: '::1' });
});

it('lets an alias in a stronger layer win over the name in a weaker one', () => {
  expect(resolve({ DELPHI_MAX_WORKERS: '2' }, { MAX_WORKERS: '5' }).workers).toBe(2);
});

it.each([
  [{ PORT: '70000' }, 'PORT must be an integer from 0 to 65535, got "70000"'],
  [{ PORT: '80a' }, 'PORT must be an integer from 0 to 65535, got "80a"'],
  [{ MAX_WORKERS: '0' }, 'MAX_WORKERS must be an integer from 1 to 256, got "0"'],
  [{ DELPHI_INSTANCE_TYPE: 'huge' }, 'DELPHI_INSTANCE_TYPE must be one of default, small, large, got "huge"'],
  [
    { WORKER_MEMORY: '1m' },
    'WORKER_MEMORY must be bytes, or a number with k, m or g, of at least 268435456 bytes, got "1m"',
  ],
  [{ CONTAINER_CPUS: 'two' }, 'CONTAINER_CPUS must be a number above 0, of at most 4096, got "two"'],
  [{ FOREBAY_MODEL_SOURCE: 'disk' }, 'FOREBAY_MODEL_SOURCE must be one of pip, hub, got "disk"'],
  [{ HF_ENDPOINT: 'ftp://x' }, 'HF_ENDPOINT must be an http or https URL, got "ftp://x"'],
])('refuses %o, naming variable, bound and value', (env, message) => {
  expect(() => resolve(env)).toThrow(expect.objectContaining({ code: 'BACKEND_INVALID_CONFIG', message }));
});

it('names every wrong setting at once', () => {
  expect(() => resolve({ PORT: '-1', BATCH_SIZE: 'x' })).toThrow(/PORT .*\nBATCH_SIZE /);
});
