import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readAccess } from './read-access.ts';

const dir = mkdtempSync(join(tmpdir(), 'forebay-access-'));
afterAll(() => rmSync(dir, { recursive: true }));

const put = (name: string, text: string) => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};
const config = (server: string) =>
  JSON.stringify({
    clusters: [{ name: 'c', cluster: { server } }],
    contexts: [{ name: 'x', context: { cluster: 'c' } }],
    'current-context': 'x',
  });
const option = put('option', config('http://option:1'));
const variable = put('variable', config('http://variable:1'));
const token = put('token', 'abc\n');
const ca = put('ca.crt', 'CA');
put('namespace', 'embed\n');
const IN_CLUSTER = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '6443' };
const WITHIN = { server: 'https://10.0.0.1:6443', namespace: 'embed', token: 'abc', ca: 'CA' };

describe('readAccess', () => {
  it.each([
    [
      'server before all',
      { server: 'https://api:6443/', tokenFile: token, caFile: ca },
      { ...IN_CLUSTER, KUBECONFIG: variable },
      { server: 'https://api:6443', namespace: 'embed', token: 'abc', ca: 'CA' },
    ],
    [
      'the option kubeconfig',
      { kubeconfig: option },
      { ...IN_CLUSTER, KUBECONFIG: variable },
      'http://option:1',
    ],
    ['KUBECONFIG', {}, { ...IN_CLUSTER, KUBECONFIG: variable }, 'http://variable:1'],
    [
      'the first file of several that is there',
      {},
      { KUBECONFIG: `/none:${variable}:${option}` },
      'http://variable:1',
    ],
    ['the service account', {}, IN_CLUSTER, WITHIN],
    ['an empty KUBECONFIG as none', {}, { ...IN_CLUSTER, KUBECONFIG: '' }, WITHIN],
  ])('takes %s', (_, options, env, expected) => {
    const access = readAccess(options, env, dir)();
    expect(access).toEqual(
      typeof expected === 'string' ? { server: expected, namespace: 'default' } : expected,
    );
  });

  it('reads tokens anew each time', () => {
    const path = put('renewed', 'one');
    const read = readAccess({ server: 'http://api', tokenFile: path }, {}, '/none');
    expect(read().token).toBe('one');
    put('renewed', 'two');
    expect(read()).toEqual({ server: 'http://api', namespace: 'default', token: 'two' });
  });

  it.each([
    [{}, { HOME: '/none' }, /\/none\/\.kube\/config.*set server, kubeconfig or KUBECONFIG/],
    [{ server: 'http://api', tokenFile: '/none' }, {}, /tokenFile can't be read/],
    [{}, { KUBECONFIG: '/none:/neither' }, /no kubeconfig at \/none, \/neither/],
  ])('says what is missing for %o', (options, env, message) => {
    expect(readAccess(options, env, dir)).toThrow(
      expect.objectContaining({ code: 'SCALER_CONFIG', message: expect.stringMatching(message) as string }),
    );
  });
});
