import { describe, expect, it } from 'vitest';
import { type KubeconfigFile, readKubeconfigs } from './kubeconfig.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const files: Readonly<Record<string, string>> = {
  '/etc/kube ca.crt': 'CA',
  '/etc/kube token': 'from-file\n',
};
const readFile = (folder: string, path: string) => {
  const found = files[`${folder} ${path}`];
  if (found === undefined) throw new Error('ENOENT');
  return found;
};

interface Parts {
  readonly cluster?: object;
  readonly user?: object | null;
  readonly context?: object;
  readonly more?: object;
}

function file(
  { cluster = {}, user = {}, context = {}, more = {} }: Parts = {},
  path = '/etc/kube/config',
): KubeconfigFile {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443/', ...cluster } }],
    users: [{ name: 'u', user: user && { ...user } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', ...context } }],
    'current-context': 'x',
    ...more,
  };
  return { text: JSON.stringify(config), path, folder: '/etc/kube' };
}

const read = (parts: Parts, context?: string) => readKubeconfigs([file(parts)], context, readFile);
const BASE = { server: 'https://10.0.0.1:6443', namespace: 'default' };

describe('readKubeconfigs', () => {
  it.each([
    ['nothing but a server', { user: null }, BASE],
    ['a namespace', { context: { namespace: 'ml' } }, { ...BASE, namespace: 'ml' }],
    ['a token', { user: { token: 't' } }, { ...BASE, token: 't' }],
    ['a file with a token', { user: { tokenFile: 'token' } }, { ...BASE, token: 'from-file' }],
    [
      'a file with a token before a token',
      { user: { token: 't', tokenFile: 'token' } },
      { ...BASE, token: 'from-file' },
    ],
    ['an authority in a file', { cluster: { 'certificate-authority': 'ca.crt' } }, { ...BASE, ca: 'CA' }],
    [
      'an authority in it, before one in a file',
      { cluster: { 'certificate-authority-data': base64('DATA'), 'certificate-authority': 'none' } },
      { ...BASE, ca: 'DATA' },
    ],
    [
      'a client certificate',
      { user: { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') } },
      { ...BASE, clientCertificate: { cert: 'CERT', key: 'KEY' } },
    ],
    ['no user', { context: { user: '' } }, BASE],
  ])('reads %s', (_, parts, access) => {
    expect(read(parts)).toEqual(access);
  });

  it('takes the context that is named, and YAML', () => {
    const text = `
clusters: [{ name: a, cluster: { server: "http://a:1" } }, { name: b, cluster: { server: "http://b:1" } }]
contexts: [{ name: one, context: { cluster: a } }, { name: two, context: { cluster: b, namespace: n } }]
current-context: one
`;
    const two = readKubeconfigs([{ text, path: 'p', folder: '/' }], 'two', readFile);
    expect(two).toEqual({ server: 'http://b:1', namespace: 'n' });
  });

  it('takes of several files the first that names an entry', () => {
    const first = file({ user: { token: 'first' }, more: { 'current-context': '', clusters: null } });
    const second = file({ user: { token: 'second' } }, 'second');
    expect(readKubeconfigs([first, second], undefined, readFile)).toEqual({ ...BASE, token: 'first' });
  });

  it.each([
    [
      'exec',
      { user: { exec: { command: 'aws' } } },
      /user u uses exec \(a program that makes credentials\).*tokenFile/,
    ],
    ['auth-provider', { user: { 'auth-provider': { name: 'gcp' } } }, /uses auth-provider/],
    ['a password', { user: { username: 'me', password: 'secret' } }, /uses username/],
    ['impersonation', { user: { as: 'admin' } }, /uses as /],
    [
      'an unchecked server',
      { cluster: { 'insecure-skip-tls-verify': true } },
      /cluster c uses insecure-skip-tls-verify/,
    ],
    ['a proxy', { cluster: { 'proxy-url': 'http://p' } }, /uses proxy-url/],
    ['half a certificate', { user: { 'client-key-data': base64('KEY') } }, /a key without its certificate/],
    ['no such file', { user: { tokenFile: 'none' } }, /names none, which can't be read: ENOENT/],
    ['no such cluster', { context: { cluster: 'd' } }, /has no cluster d, which context x names/],
    ['no such user', { context: { user: 'v' } }, /has no user v/],
    ['no current context', { more: { 'current-context': '' } }, /has no current-context/],
    ['a server that is none', { cluster: { server: 'nonsense' } }, /clusters\.0\.cluster\.server/],
    ['data that is none', { user: { 'client-key-data': '%' } }, /client-key-data/],
  ])('refuses %s', (_, parts, message) => {
    expect(() => read(parts)).toThrow(
      expect.objectContaining({ code: 'SCALER_CONFIG', message: expect.stringMatching(message) as string }),
    );
  });

  it('refuses a context that is not there, and what is no YAML, without quoting it', () => {
    expect(() => read({}, 'z')).toThrow('kubeconfig /etc/kube/config: has no context z');
    const broken = { text: 'token: "secret', path: 'p', folder: '/' };
    expect(() => readKubeconfigs([broken], undefined, readFile)).toThrow(
      /^kubeconfig p: p:1 is not YAML(?!.*secret)/,
    );
  });

  it('does not mind what is not secret: insecure-skip-tls-verify: false', () => {
    expect(read({ cluster: { 'insecure-skip-tls-verify': false } })).toEqual(BASE);
  });
});
