import { hash, timingSafeEqual } from 'node:crypto';
import type { Priority } from '@forebay/pool-client';
import { type ApiKeyEntry, readKeyEntries } from './api-key-entry.ts';

/** What a key lets its bearer do. */
export interface ApiKey {
  /** Names the key where the key itself must not stand: the first 16 hexadecimal digits of its hash. */
  readonly id: string;
  readonly tenant: string;
  /** Share of the tenant against others. @default 1 */
  readonly weight: number;
  /** The most urgent priority that it may ask for. @default 'interactive' */
  readonly maxPriority: Priority;
  /** Most chunks a second, on average. @default no limit */
  readonly chunksPerSecond?: number;
  /** Most chunks that the tenant may have waiting. @default no limit of its own */
  readonly maxQueuedChunks?: number;
}

/** The keys of one file. */
export interface ApiKeys {
  readonly kind: 'api-keys';
  readonly keys: readonly ApiKey[];
  /** Hashes the key and compares it with every entry, in the same time whether one fits or not. */
  find(presented: string): ApiKey | undefined;
}

/**
 * Reads the text of a keys file, YAML or JSON: a list of
 * `{sha256, tenant, weight?, maxPriority?, chunksPerSecond?, maxQueuedChunks?}`.
 * Problems name file, line and field, and never show a hash.
 */
export function parseApiKeys(
  text: string,
  fileName: string,
): ApiKeys | { readonly kind: 'broken'; readonly problems: readonly string[] } {
  const read = readKeyEntries(text, fileName);
  return read.kind === 'broken' ? read : keysOf(read.entries);
}

function keysOf(entries: readonly ApiKeyEntry[]): ApiKeys {
  const hashed = entries.map(({ sha256, ...rest }) => ({
    digest: Buffer.from(sha256, 'hex'),
    key: { id: sha256.slice(0, 16), ...rest },
  }));
  return {
    kind: 'api-keys',
    keys: hashed.map(({ key }) => key),
    find: (presented) => {
      const digest = hash('sha256', presented, 'buffer');
      let found: ApiKey | undefined;
      // No early end: how long it takes must not tell where the key stands.
      for (const entry of hashed) if (timingSafeEqual(entry.digest, digest)) found = entry.key;
      return found;
    },
  };
}
