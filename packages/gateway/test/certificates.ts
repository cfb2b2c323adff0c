import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether this machine has `openssl`, which makes the certificates of the tests. */
export const HAS_OPENSSL = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** A certificate with its key, as PEM and as files. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** An authority of a test's own; its folder goes with the test's block. */
export interface TestAuthority extends TestCertificate, Disposable {
  readonly folder: string;
  /** Signs a certificate for 127.0.0.1 and localhost that serves both sides of a connection. */
  issue(name: string): TestCertificate;
}

export function makeAuthority(): TestAuthority {
  const folder = mkdtempSync(join(tmpdir(), 'forebay-certificates-'));
  const path = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const read = (name: string): TestCertificate => ({
    cert: readFileSync(path(`${name}.pem`), 'utf8'),
    key: readFileSync(path(`${name}.key`), 'utf8'),
    certFile: path(`${name}.pem`),
    keyFile: path(`${name}.key`),
  });
  const files = (name: string) => ['-keyout', path(`${name}.key`), '-out', path(`${name}.pem`)];
  openssl('req', '-x509', ...key, ...files('ca'), '-days', '2', '-subj', '/CN=forebay test authority');
  return {
    ...read('ca'),
    folder,
    issue(name) {
      writeFileSync(path(`${name}.ext`), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
      const request = path(`${name}.csr`);
      openssl('req', ...key, '-keyout', path(`${name}.key`), '-out', request, '-subj', `/CN=${name}`);
      const ca = ['-CA', path('ca.pem'), '-CAkey', path('ca.key'), '-CAcreateserial'];
      const out = ['-out', path(`${name}.pem`), '-extfile', path(`${name}.ext`)];
      openssl('x509', '-req', '-in', request, ...ca, '-days', '2', ...out);
      return read(name);
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
