import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScalerError } from '../../errors.ts';
import type { JsonHttpOptions } from '../json-http.ts';

/** Where an Engine is: as options say, as Docker's own variables say, or where Docker puts its socket. */
export interface EngineAddressOptions {
  readonly host?: string | undefined;
  readonly tls?: TlsFiles | undefined;
}

/** Paths of PEM files. */
export interface TlsFiles {
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

const DEFAULT_HOST = 'unix:///var/run/docker.sock';

/**
 * How the Engine is spoken to, with the meaning that Docker's command line gives to `DOCKER_HOST`, `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH`;
 * those count only where `host` isn't given.
 *
 * @throws ScalerError `SCALER_CONFIG` for a scheme that can't be spoken, and for a file that can't be read
 */
export function engineAddress(
  { host, tls }: EngineAddressOptions,
  env: Readonly<Record<string, string | undefined>>,
): Omit<JsonHttpOptions, 'platform'> {
  const address = host ?? (env.DOCKER_HOST || DEFAULT_HOST);
  const files = tls ?? (host === undefined ? tlsOfEnvironment(env) : undefined);
  const scheme = /^(\w+):\/\//.exec(address)?.[1];
  if (scheme === 'unix') return { baseUrl: address };
  if (scheme !== 'tcp' && scheme !== 'http' && scheme !== 'https') {
    const message = `drivers.swarm.host: ${address} can't be spoken to: use unix:///path, tcp://host:port, http:// or https://`;
    throw new ScalerError('SCALER_CONFIG', message);
  }
  const baseUrl = address.replace(/^tcp:/, files === undefined ? 'http:' : 'https:');
  if (!URL.canParse(baseUrl))
    throw new ScalerError('SCALER_CONFIG', `drivers.swarm.host: ${address} is no URL`);
  if (files === undefined) return { baseUrl };
  const { caFile, certFile, keyFile } = files;
  return {
    baseUrl,
    tls: {
      ...(caFile !== undefined && { ca: readPem(caFile) }),
      ...(certFile !== undefined && { cert: readPem(certFile) }),
      ...(keyFile !== undefined && { key: readPem(keyFile) }),
    },
  };
}

function tlsOfEnvironment(env: Readonly<Record<string, string | undefined>>): TlsFiles | undefined {
  const { DOCKER_TLS_VERIFY, DOCKER_CERT_PATH, HOME = '' } = env;
  if (!DOCKER_TLS_VERIFY) return undefined;
  const folder = DOCKER_CERT_PATH || join(HOME, '.docker');
  return {
    caFile: join(folder, 'ca.pem'),
    certFile: join(folder, 'cert.pem'),
    keyFile: join(folder, 'key.pem'),
  };
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const because = cause instanceof Error ? cause.message : String(cause);
    throw new ScalerError('SCALER_CONFIG', `driver swarm: a TLS file can't be read: ${because}`, { cause });
  }
}
