import { type TlsOptions, tlsProblems } from '@forebay/pool-client';
import type { GatewayConfig, SettingKey } from './gateway-config.ts';
import { variableOf } from './settings.ts';

/** What the files of the TLS settings hold. */
export interface TlsFiles {
  readonly kind: 'tls';
  /** Of the listener, `ca` for its callers; undefined where it listens without TLS. */
  readonly listener: TlsOptions | undefined;
  /** For `https:` backends; undefined where nothing is set. */
  readonly backends: TlsOptions | undefined;
}

type FileKeys = Readonly<Record<keyof TlsOptions, SettingKey>>;

const LISTENER = {
  ca: 'tlsClientCaFile',
  cert: 'tlsCertFile',
  key: 'tlsKeyFile',
} as const satisfies FileKeys;
const BACKENDS = {
  ca: 'backendsCaFile',
  cert: 'backendsClientCertFile',
  key: 'backendsClientKeyFile',
} as const satisfies FileKeys;

/** Reads and checks certificates and keys; a problem names its variable and file, and never quotes a key. */
export function readTls(
  config: GatewayConfig,
  readFile: (path: string) => string,
): TlsFiles | { readonly kind: 'broken'; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const listener = readSide(config, LISTENER, readFile, problems);
  const backends = readSide(config, BACKENDS, readFile, problems);
  return problems.length > 0 ? { kind: 'broken', problems } : { kind: 'tls', listener, backends };
}

function readSide(
  config: GatewayConfig,
  keys: typeof LISTENER | typeof BACKENDS,
  readFile: (path: string) => string,
  problems: string[],
): TlsOptions | undefined {
  const fields = ['ca', 'cert', 'key'] as const;
  const unreadable = problems.length;
  const read = fields.flatMap((field) => {
    const path = config[keys[field]];
    if (path === undefined) return [];
    try {
      return [[field, readFile(path)] as const];
    } catch (error) {
      problems.push(`${variableOf(keys[field])} ${path} cannot be read: ${(error as Error).message}`); // fs throws Errors
      return [];
    }
  });
  if (read.length === 0 || problems.length > unreadable) return undefined;
  const tls: TlsOptions = Object.fromEntries(read);
  for (const { field, problem } of tlsProblems(tls)) {
    problems.push(`${variableOf(keys[field])} ${config[keys[field]] ?? ''} ${problem}`);
  }
  return tls;
}
