import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { engineAddress } from './engine-address.ts';

const folder = mkdtempSync(join(tmpdir(), 'forebay-pem-'));
for (const name of ['ca', 'cert', 'key']) writeFileSync(join(folder, `${name}.pem`), name);
afterAll(() => rmSync(folder, { recursive: true }));
const tls = { ca: 'ca', cert: 'cert', key: 'key' };
const verify = { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folder };

it.each([
  ["Docker's socket", {}, {}, { baseUrl: 'unix:///var/run/docker.sock' }],
  ['an empty DOCKER_HOST as none', {}, { DOCKER_HOST: '' }, { baseUrl: 'unix:///var/run/docker.sock' }],
  ['DOCKER_HOST', {}, { DOCKER_HOST: 'unix:///run/d.sock' }, { baseUrl: 'unix:///run/d.sock' }],
  ['plain tcp', {}, { DOCKER_HOST: 'tcp://m1:2375' }, { baseUrl: 'http://m1:2375' }],
  [
    'tcp with the files of DOCKER_CERT_PATH',
    {},
    { DOCKER_HOST: 'tcp://m1:2376', ...verify },
    { baseUrl: 'https://m1:2376', tls },
  ],
  [
    'the option before the environment',
    { host: 'tcp://m2:2375' },
    { DOCKER_HOST: 'tcp://m1:2376', ...verify },
    { baseUrl: 'http://m2:2375' },
  ],
  [
    'one file of the options',
    { host: 'tcp://m2:2376', tls: { caFile: join(folder, 'ca.pem') } },
    {},
    { baseUrl: 'https://m2:2376', tls: { ca: 'ca' } },
  ],
  ['https', { host: 'https://m2:1' }, {}, { baseUrl: 'https://m2:1' }],
])('takes %s', (_, options, env, expected) => {
  expect(engineAddress(options, env)).toEqual(expected);
});

it.each([
  ['ssh://m1', /ssh:\/\/m1 can't be spoken to: use unix/],
  ['m1:2375', /m1:2375 can't be spoken to/],
  ['tcp://', /is no URL/],
])('refuses %s', (host, message) => {
  expect(() => engineAddress({ host }, {})).toThrow(
    expect.objectContaining({
      code: 'SCALER_CONFIG',
      message: expect.stringMatching(message) as string,
    }) as Error,
  );
});

it('names a file that is not there', () => {
  const tlsFiles = { caFile: join(folder, 'none.pem') };
  expect(() => engineAddress({ host: 'tcp://m:1', tls: tlsFiles }, {})).toThrow(/none\.pem/);
});
