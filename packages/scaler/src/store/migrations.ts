/**
 * What makes a file of version n one of version n + 1; the first makes an empty file one of version 1. Steps that were released
 * are never changed, only added to.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE lease (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    holder TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    ttl_ms INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE groups (
    name TEXT PRIMARY KEY,
    desired INTEGER,
    replicas TEXT NOT NULL DEFAULT '[]',
    manual TEXT,
    paused_in INTEGER NOT NULL DEFAULT 0,
    paused_out INTEGER NOT NULL DEFAULT 0,
    last_scaling TEXT
  ) STRICT;
  CREATE TABLE decisions (
    id INTEGER PRIMARY KEY,
    group_name TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    record TEXT NOT NULL
  ) STRICT;
  CREATE INDEX decisions_by_group ON decisions (group_name);
  CREATE INDEX decisions_by_time ON decisions (group_name, at_ms);
  CREATE INDEX changes_by_group ON decisions (group_name, at_ms) WHERE changed = 1;
  CREATE INDEX decisions_by_age ON decisions (changed, at_ms);
  CREATE TABLE startups (
    id INTEGER PRIMARY KEY,
    group_name TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    seconds REAL NOT NULL
  ) STRICT;
  CREATE INDEX startups_by_group ON startups (group_name);
  CREATE TABLE priorities (
    id TEXT PRIMARY KEY,
    priority REAL NOT NULL,
    resource_allocation REAL NOT NULL
  ) STRICT;
  CREATE TABLE config_override (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    sent TEXT NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE reports (
    about TEXT NOT NULL,
    kind TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (about, kind)
  ) STRICT;
  CREATE INDEX reports_by_time ON reports (at_ms);
  UPDATE groups SET replicas = (
    SELECT json_group_array(json(CASE
      WHEN json_extract(value, '$.removing') IS NOT NULL THEN json_set(json_remove(value, '$.removing'), '$.state', json_object(
        'kind', 'terminating',
        'sinceMs', json_extract(value, '$.removing.sinceMs'),
        'cause', 'not_needed',
        'because', json_extract(value, '$.removing.because')))
      WHEN json_extract(value, '$.state.kind') = 'starting' THEN json_set(value, '$.state.kind', 'launching')
      ELSE value END)) FROM json_each(replicas));
  `,
];
