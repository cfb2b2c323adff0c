import { PRIORITIES, type Priority } from '@forebay/pool-client';
import { z } from 'zod';
import { readYaml } from '../config/read-yaml.ts';

/** One entry of a keys file, defaults filled in. */
export interface ApiKeyEntry {
  /** 64 hexadecimal digits, lower case. */
  readonly sha256: string;
  readonly tenant: string;
  readonly weight: number;
  readonly maxPriority: Priority;
  readonly chunksPerSecond?: number;
  readonly maxQueuedChunks?: number;
}

/** The entries of a keys file, or every problem with it. */
export function readKeyEntries(
  text: string,
  fileName: string,
):
  | { readonly kind: 'entries'; readonly entries: readonly ApiKeyEntry[] }
  | { readonly kind: 'broken'; readonly problems: readonly string[] } {
  const yaml = readYaml(text, fileName);
  if (yaml.kind === 'broken') return yaml;
  const at = (path: readonly PropertyKey[], problem: string) => `${fileName}:${yaml.lineOf(path)} ${problem}`;
  const parsed = KEY_FILE.safeParse(yaml.value);
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) =>
            at([...issue.path, key], `${named([...issue.path, key])} is not a field. ${FIELDS}`),
          )
        : [at(issue.path, `${named(issue.path)} ${issue.message}`)],
    );
    return { kind: 'broken', problems };
  }
  const entries = parsed.data.map(withoutUndefined);
  const seen = new Set<string>();
  const doubles = entries.flatMap(({ sha256 }, index) => {
    if (seen.has(sha256)) return [at([index, 'sha256'], `${named([index, 'sha256'])} has an entry already`)];
    seen.add(sha256);
    return [];
  });
  return doubles.length > 0 ? { kind: 'broken', problems: doubles } : { kind: 'entries', entries };
}

const FIELDS =
  'An entry has sha256 and tenant, and may have weight, maxPriority, chunksPerSecond and maxQueuedChunks; sha256 comes from: printf %s KEY | sha256sum';
const SHA256_MUST = 'must be the 64 hexadecimal digits that `printf %s KEY | sha256sum` prints, in quotes';
const TENANT_MUST = 'must be a name of 1 to 128 printable ASCII characters';
const WEIGHT_MUST = 'must be a number from 0.001 to 1000';
const PRIORITY_MUST = `must be one of ${PRIORITIES.join(', ')}`;
const RATE_MUST = 'must be a number above 0';
const COUNT_MUST = 'must be an integer of at least 1';
const LIST_MUST = 'must be a list of keys, at least one';

const KEY_FILE = z
  .array(
    z.strictObject(
      {
        sha256: z
          .string(SHA256_MUST)
          .regex(/^[0-9a-f]{64}$/i, SHA256_MUST)
          .toLowerCase(),
        tenant: z.string(TENANT_MUST).regex(/^(?! )[\x20-\x7e]{1,128}(?<! )$/, TENANT_MUST),
        weight: z.number(WEIGHT_MUST).min(0.001, WEIGHT_MUST).max(1000, WEIGHT_MUST).default(1),
        maxPriority: z.enum(PRIORITIES, PRIORITY_MUST).default('interactive'),
        chunksPerSecond: z.number(RATE_MUST).positive(RATE_MUST).optional(),
        maxQueuedChunks: z.int(COUNT_MUST).positive(COUNT_MUST).optional(),
      },
      `must be a mapping. ${FIELDS}`,
    ),
    LIST_MUST,
  )
  .min(1, LIST_MUST);

function withoutUndefined({ chunksPerSecond, maxQueuedChunks, ...entry }: z.output<typeof KEY_FILE>[number]) {
  return {
    ...entry,
    ...(chunksPerSecond === undefined ? {} : { chunksPerSecond }),
    ...(maxQueuedChunks === undefined ? {} : { maxQueuedChunks }),
  };
}

/** A path as people write it: `[1].weight`. */
function named(path: readonly PropertyKey[]): string {
  const [index, field] = path;
  if (index === undefined) return 'the file';
  return field === undefined ? `[${String(index)}]` : `[${String(index)}].${String(field)}`;
}
