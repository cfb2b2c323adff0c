import type { TableEntry } from './process-table.ts';

/** What a replica's process carries in its environment, so that any later run of the scaler knows it. */
export interface ReplicaMarkers {
  /** Whose it is: two scalers of one user don't see each other's replicas. */
  readonly pool: string;
  readonly group: string;
  readonly id: string;
  readonly url: string;
  /** Answers `GET` with 200 when the replica is up. */
  readonly healthUrl: string;
  readonly launchedAtMs: number;
}

const NAMES = {
  pool: 'FOREBAY_REPLICA_POOL',
  group: 'FOREBAY_REPLICA_GROUP',
  id: 'FOREBAY_REPLICA_ID',
  url: 'FOREBAY_REPLICA_URL',
  healthUrl: 'FOREBAY_REPLICA_HEALTH_URL',
  launchedAtMs: 'FOREBAY_REPLICA_LAUNCHED_AT_MS',
} as const;

/** As environment variables; without blanks, because `ps` doesn't quote them. */
export function toVariables(markers: ReplicaMarkers): Readonly<Record<string, string>> {
  const keys = Object.keys(NAMES) as (keyof ReplicaMarkers)[]; // both have the same keys
  return Object.fromEntries(keys.map((key) => [NAMES[key], encodeURIComponent(markers[key])]));
}

/** Undefined when one is missing or not written by {@link toVariables}. */
export function fromVariables(variables: TableEntry['variables']): ReplicaMarkers | undefined {
  const read = (key: keyof ReplicaMarkers) => decode(variables[NAMES[key]]);
  const [pool, group, id] = [read('pool'), read('group'), read('id')];
  const [url, healthUrl, launchedAtMs] = [read('url'), read('healthUrl'), Number(read('launchedAtMs'))];
  if (pool === undefined || group === undefined || id === undefined) return undefined;
  if (url === undefined || healthUrl === undefined || !Number.isFinite(launchedAtMs)) return undefined;
  return { pool, group, id, url, healthUrl, launchedAtMs };
}

function decode(value: string | undefined): string | undefined {
  try {
    return value === undefined ? undefined : decodeURIComponent(value);
  } catch {
    return undefined; // somebody else's
  }
}
