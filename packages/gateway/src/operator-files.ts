import type { ApiKeys } from './admission/api-keys.ts';
import { parseApiKeys } from './admission/api-keys.ts';
import type { GatewayConfig, SettingKey } from './config/gateway-config.ts';
import { readTls, type TlsFiles } from './config/read-tls.ts';
import { variableOf } from './config/settings.ts';

/** How files are read; both throw when there is none. */
export interface Disk {
  readonly read: (path: string) => string;
  /** Permission bits, as `chmod` counts them. */
  readonly mode: (path: string) => number;
}

/** What the files that operators renew hold: keys of callers, certificates. */
export interface OperatorFiles {
  readonly kind: 'files';
  readonly apiKeys: ApiKeys | undefined;
  readonly tls: TlsFiles;
  readonly warnings: readonly string[];
}

/** Reads all of them, at start and again on SIGHUP; every problem names variable and file. */
export function readOperatorFiles(
  config: GatewayConfig,
  disk: Disk,
): OperatorFiles | { readonly kind: 'broken'; readonly problems: readonly string[] } {
  const keys = readKeys(config.forebayApiKeysFile, disk);
  const tls = readTls(config, disk.read);
  const problems = [
    ...(keys?.kind === 'broken' ? keys.problems : []),
    ...(tls.kind === 'broken' ? tls.problems : []),
  ];
  if (keys?.kind === 'broken' || tls.kind === 'broken') return { kind: 'broken', problems };
  return { kind: 'files', apiKeys: keys, tls, warnings: openToAll(config, disk) };
}

function readKeys(path: string | undefined, disk: Disk): ReturnType<typeof parseApiKeys> | undefined {
  if (path === undefined) return undefined;
  try {
    return parseApiKeys(disk.read(path), path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'broken', problems: [`FOREBAY_API_KEYS_FILE ${path} cannot be read: ${why}`] };
  }
}

const SECRET_FILES = [
  'forebayApiKeysFile',
  'tlsKeyFile',
  'backendsClientKeyFile',
] as const satisfies SettingKey[];
const READABLE_BY_ALL = 0o004;

/** A warning for each secret file that everyone on the machine may read. */
function openToAll(config: GatewayConfig, disk: Disk): string[] {
  return SECRET_FILES.flatMap((key) => {
    const path = config[key];
    if (path === undefined) return [];
    const mode = disk.mode(path);
    if ((mode & READABLE_BY_ALL) === 0) return [];
    const shown = (mode & 0o777).toString(8);
    return [
      `${variableOf(key)} ${path} can be read by everyone on this machine (mode ${shown}): chmod o= ${path}`,
    ];
  });
}
