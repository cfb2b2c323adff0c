import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { readAccess } from '../src/drivers/kubernetes/read-access.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
import { type KubernetesRig, kubernetesRig } from './kubernetes-rig.ts';

let dir = '';
let certificates: Certificates;
let rig: KubernetesRig;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'forebay-kubernetes-'));
  certificates = makeCertificates(dir);
});
afterAll(() => rmSync(dir, { recursive: true }));
afterEach(() => rig.close());

const live = () => AbortSignal.timeout(10_000);
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** A service account as a pod has it mounted. */
function serviceAccount(token: string): string {
  const folder = join(dir, 'serviceaccount');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'token'), `${token}\n`);
  writeFileSync(join(folder, 'ca.crt'), certificates.ca);
  writeFileSync(join(folder, 'namespace'), 'default');
  return folder;
}

function inCluster(folder: string) {
  const { port } = new URL(rig.cluster.url);
  return readAccess({}, { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: port }, folder);
}

it('comes with the service account of its pod, and with the new token when that was renewed', async () => {
  let tokens = ['first'];
  rig = await kubernetesRig({ access: { tls: certificates.server, tokens: () => tokens } });
  const driver = rig.driver({ readAccess: inCluster(serviceAccount('first')) });
  expect(await driver.list('cpu', live())).toEqual([]);
  tokens = ['second'];
  await expect(driver.list('cpu', live())).rejects.toMatchObject({
    code: 'SCALER_DRIVER_FAILED',
    retryable: true,
    message: expect.stringContaining('401 Unauthorized') as string,
  });
  serviceAccount('second');
  expect(await driver.list('cpu', live())).toEqual([]);
});

it('reads the token again every minute, before the old one has ended', async () => {
  let seen = '';
  const tokens = () => ['first', 'second'];
  rig = await kubernetesRig({ access: { tls: certificates.server, tokens } });
  const folder = serviceAccount('first');
  const read = inCluster(folder);
  const readAnd = () => {
    const access = read();
    seen = access.token ?? '';
    return access;
  };
  const driver = rig.driver({ readAccess: readAnd });
  await driver.list('cpu', live());
  serviceAccount('second');
  await driver.list('cpu', live());
  expect(seen).toBe('first');
  for (let step = 0; step < 120; step += 1) await rig.pass();
  await driver.list('cpu', live());
  expect(seen).toBe('second');
});

it('comes with the client certificate of a kubeconfig, and not without it', async () => {
  rig = await kubernetesRig({ access: { tls: { ...certificates.server, clientCa: certificates.ca } } });
  const path = join(dir, 'kubeconfig');
  const { cert, key } = certificates.client;
  const write = (user: unknown) => {
    const cluster = { server: rig.cluster.url, 'certificate-authority': 'ca.crt' };
    const config = {
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    };
    writeFileSync(path, JSON.stringify(config));
  };
  write({ 'client-certificate-data': base64(cert), 'client-key-data': base64(key) });
  const list = () => rig.driver({ readAccess: readAccess({ kubeconfig: path }, {}) }).list('cpu', live());
  expect(await list()).toEqual([]);
  write({});
  await expect(list()).rejects.toMatchObject({ message: expect.stringContaining('401') as string });
});

it('goes on with another certificate when its file changes', async () => {
  rig = await kubernetesRig({ access: { tls: { ...certificates.server, clientCa: certificates.ca } } });
  let clientCertificate: { cert: string; key: string } | undefined;
  const read = () => ({
    server: rig.cluster.url,
    namespace: 'default',
    ca: certificates.ca,
    ...(clientCertificate && { clientCertificate }),
  });
  const driver = rig.driver({ readAccess: read });
  await expect(driver.list('cpu', live())).rejects.toMatchObject({ code: 'SCALER_DRIVER_FAILED' });
  clientCertificate = certificates.client;
  expect(await driver.list('cpu', live())).toEqual([]);
});

it('talks to no server whose certificate another authority has signed', async () => {
  rig = await kubernetesRig({ access: { tls: certificates.server } });
  const driver = rig.driver({
    readAccess: () => ({ server: rig.cluster.url, namespace: 'default', token: 'secret' }),
  });
  await expect(driver.list('cpu', live())).rejects.toMatchObject({
    code: 'SCALER_DRIVER_FAILED',
    message: expect.stringContaining('certificate') as string,
  });
});
