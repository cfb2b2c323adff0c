import type { DatabaseSync, StatementSync } from 'node:sqlite';

const SQL = {
  lease: 'SELECT holder, epoch, until_ms, ttl_ms FROM lease',
  putLease: 'INSERT OR REPLACE INTO lease (id, holder, epoch, until_ms, ttl_ms) VALUES (1, ?, ?, ?, ?)',
  endLease: 'UPDATE lease SET until_ms = 0 WHERE holder = ?',

  group: 'SELECT desired, replicas, manual, paused_in, paused_out, last_scaling FROM groups WHERE name = ?',
  groupNames: 'SELECT name FROM groups ORDER BY name',
  putGroup: `INSERT INTO groups (name, desired, replicas, last_scaling) VALUES (?, ?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET desired = coalesce(excluded.desired, desired), replicas = excluded.replicas,
      last_scaling = coalesce(excluded.last_scaling, last_scaling)`,
  forget: `UPDATE groups SET desired = NULL, replicas = '[]' WHERE name = ?`,
  putManual:
    'INSERT INTO groups (name, manual) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET manual = excluded.manual',
  putPaused: `INSERT INTO groups (name, paused_in, paused_out) VALUES (?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET paused_in = excluded.paused_in, paused_out = excluded.paused_out`,

  addDecision: 'INSERT INTO decisions (group_name, at_ms, changed, record) VALUES (?, ?, ?, ?)',
  lastDecisions: 'SELECT id, record FROM decisions ORDER BY id DESC LIMIT ?',
  lastDecisionsOf: 'SELECT id, record FROM decisions WHERE group_name = ? ORDER BY id DESC LIMIT ?',
  changesSince:
    'SELECT id, record FROM decisions WHERE group_name = ? AND changed = 1 AND at_ms >= ? ORDER BY id',
  decisionsSince: 'SELECT id, record FROM decisions WHERE group_name = ? AND at_ms >= ? ORDER BY at_ms, id',
  pruneDecisions: `DELETE FROM decisions WHERE id IN
    (SELECT id FROM decisions WHERE changed = ? AND at_ms < ? LIMIT ?)`,

  addStartup: 'INSERT INTO startups (group_name, at_ms, seconds) VALUES (?, ?, ?)',
  startups: 'SELECT at_ms, seconds FROM startups WHERE group_name = ? ORDER BY id DESC LIMIT ?',
  pruneStartups: 'DELETE FROM startups WHERE at_ms < ?',

  putReport: 'INSERT OR REPLACE INTO reports (about, kind, at_ms, record) VALUES (?, ?, ?, ?)',
  reports: 'SELECT about, record FROM reports WHERE at_ms >= ? ORDER BY at_ms, about, kind',
  pruneReports: 'DELETE FROM reports WHERE at_ms < ?',

  priorities: 'SELECT id, priority, resource_allocation FROM priorities ORDER BY id',
  putPriority: 'INSERT OR REPLACE INTO priorities (id, priority, resource_allocation) VALUES (?, ?, ?)',
  deletePriority: 'DELETE FROM priorities WHERE id = ?',

  configOverride: 'SELECT sent FROM config_override',
  putConfigOverride: 'INSERT OR REPLACE INTO config_override (id, sent) VALUES (1, ?)',
  dropConfigOverride: 'DELETE FROM config_override',
} as const;

/** Every statement of the store, prepared once. */
export type Statements = Readonly<Record<keyof typeof SQL, StatementSync>>;

/** Prepares them; throws what node:sqlite throws when a table is missing. */
export function prepareStatements(database: DatabaseSync): Statements {
  const prepared = Object.entries(SQL).map(([name, sql]) => [name, database.prepare(sql)]);
  // Its names are those of SQL.
  return Object.fromEntries(prepared) as Statements;
}
