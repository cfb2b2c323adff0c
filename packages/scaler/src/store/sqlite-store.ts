import type { DatabaseSync } from 'node:sqlite';
import { ScalerError } from '../errors.ts';
import type { CountChange, Decision } from '../values/decision.ts';
import type { ReplicaReport } from '../values/replica-report.ts';
import { DecisionLog } from './decision-log.ts';
import { nextLeaseRow } from './lease-row.ts';
import { inTransaction, openDatabase } from './open-database.ts';
import { fromJsonColumn, parseColumn, validRow } from './read-column.ts';
import {
  groupRow,
  leaseRow,
  manualColumn,
  replicasColumn,
  reportColumn,
  scalingEventColumn,
  toJsonColumn,
} from './row-schemas.ts';
import { prepareStatements, type Statements } from './statements.ts';
import type {
  GroupState,
  Lease,
  ManualScale,
  Paused,
  Priority,
  ScalingEvent,
  Startup,
  Store,
  StoredReplica,
  TickChange,
} from './store.ts';

/**
 * The store in a SQLite file at `path`, made with its folder where it doesn't exist, or in memory with `:memory:`. A commit costs
 * one sync of the disk.
 *
 * @throws ScalerError `SCALER_STORE` when the file can't be opened, is damaged, is another program's or of a newer version
 */
export function openSqliteStore(path: string): Store {
  return new SqliteStore(path);
}

/** A host that has said nothing for so long says it again when it matters. */
const REPORTS_KEPT_MS = 86_400_000;

class SqliteStore implements Store {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #sql: Statements;
  readonly #log: DecisionLog;
  /** What was last read of each group's replicas: gateways ask for them every second, and they seldom change. */
  readonly #replicas = new Map<string, { readonly text: string; readonly value: readonly StoredReplica[] }>();

  constructor(path: string) {
    this.#path = path;
    const { database, sql } = this.#run(() => {
      const database = openDatabase(path);
      return { database, sql: prepareStatements(database) };
    });
    this.#database = database;
    this.#sql = sql;
    this.#log = new DecisionLog(sql);
  }

  acquireLease(holder: string, nowMs: number, ttlMs: number): Lease {
    return this.#transact(() => {
      const next = nextLeaseRow(this.#lease(), { holder, nowMs, ttlMs });
      if (next.kind === 'other') return next;
      const { epoch, untilMs } = next.row;
      this.#sql.putLease.run(holder, epoch, untilMs, ttlMs);
      return { kind: 'held', epoch, untilMs };
    });
  }

  releaseLease(holder: string): void {
    this.#run(() => this.#sql.endLease.run(holder));
  }

  groupNames(): readonly string[] {
    return this.#run(() => this.#sql.groupNames.all().map(({ name }) => String(name)));
  }

  load(group: string): GroupState {
    return this.#run(() => {
      const row = this.#sql.group.get(group);
      if (row === undefined) return { group, replicas: [], paused: { in: false, out: false } };
      const where = `group ${group}`;
      const { desired, replicas, manual, last_scaling, paused_in, paused_out } = validRow(
        groupRow,
        row,
        where,
      );
      return {
        group,
        ...(desired === null ? {} : { desired }),
        replicas: this.#replicasOf(group, replicas),
        ...(manual === null ? {} : { manual: fromJsonColumn(manualColumn, manual, `${where}: manual`) }),
        paused: { in: paused_in !== 0, out: paused_out !== 0 },
        ...(last_scaling === null
          ? {}
          : { lastScaling: fromJsonColumn(scalingEventColumn, last_scaling, `${where}: last_scaling`) }),
      };
    });
  }

  forget(group: string): void {
    this.#run(() => this.#sql.forget.run(group));
  }

  commit(epoch: number, { decision, desired, replicas, startups }: TickChange): void {
    const { group, decidedAtMs: atMs } = decision;
    this.#transact(() => {
      this.#refuseOldEpoch(epoch);
      const { current: from, target: to, reason } = decision;
      const changed = !decision.dryRun && from !== to;
      const event: ScalingEvent = { group, atMs, from, to, reason };
      const scaling = changed ? toJsonColumn(event) : null;
      this.#sql.putGroup.run(group, desired ?? null, toJsonColumn(replicas), scaling);
      this.#log.add(decision, changed, startups);
    });
  }

  decisions(limit: number, group?: string): readonly Decision[] {
    return this.#run(() => this.#log.last(limit, group));
  }

  decisionsSince(group: string, sinceMs: number): readonly Decision[] {
    return this.#run(() => this.#log.since(group, sinceMs));
  }

  changesSince(group: string, sinceMs: number): readonly CountChange[] {
    return this.#run(() => this.#log.changesSince(group, sinceMs));
  }

  startups(group: string, limit: number): readonly Startup[] {
    return this.#run(() => this.#log.startups(group, limit));
  }

  putReport(report: ReplicaReport): void {
    this.#transact(() => {
      const { about, kind, atMs } = report;
      this.#sql.putReport.run(about, kind, atMs, toJsonColumn(report));
      this.#sql.pruneReports.run(atMs - REPORTS_KEPT_MS);
    });
  }

  reports(sinceMs: number): readonly ReplicaReport[] {
    return this.#run(() =>
      this.#sql.reports
        .all(sinceMs)
        .map(({ about, record }) => fromJsonColumn(reportColumn, String(record), `report about ${about}`)),
    );
  }

  setManual(group: string, manual: ManualScale | undefined): void {
    this.#run(() => this.#sql.putManual.run(group, manual === undefined ? null : toJsonColumn(manual)));
  }

  setPaused(group: string, paused: Paused): void {
    this.#run(() => this.#sql.putPaused.run(group, paused.in ? 1 : 0, paused.out ? 1 : 0));
  }

  priorities(): readonly Priority[] {
    return this.#run(() =>
      this.#sql.priorities.all().map(({ id, priority, resource_allocation }) => ({
        id: String(id),
        priority: Number(priority),
        resourceAllocation: Number(resource_allocation),
      })),
    );
  }

  putPriority({ id, priority, resourceAllocation }: Priority): void {
    this.#run(() => this.#sql.putPriority.run(id, priority, resourceAllocation));
  }

  deletePriority(id: string): boolean {
    return this.#run(() => Number(this.#sql.deletePriority.run(id).changes) > 0);
  }

  configOverride(): unknown {
    return this.#run(() => {
      const sent = this.#sql.configOverride.get()?.sent;
      return sent === undefined ? undefined : parseColumn(String(sent), 'config_override');
    });
  }

  setConfigOverride(override: unknown): void {
    this.#run(() => {
      if (override === undefined) this.#sql.dropConfigOverride.run();
      else this.#sql.putConfigOverride.run(JSON.stringify(override));
    });
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #lease() {
    const row = this.#sql.lease.get();
    return row === undefined ? undefined : validRow(leaseRow, row, 'lease');
  }

  #refuseOldEpoch(epoch: number): void {
    const lease = this.#lease();
    if (lease?.epoch === epoch) return;
    const now = lease === undefined ? 'nobody has it' : `${lease.holder} has it under epoch ${lease.epoch}`;
    throw new ScalerError('SCALER_STORE', `the lease of epoch ${epoch} is lost: ${now}`);
  }

  #replicasOf(group: string, text: string): readonly StoredReplica[] {
    const known = this.#replicas.get(group);
    if (known?.text === text) return known.value;
    const value = fromJsonColumn(replicasColumn, text, `group ${group}: replicas`);
    this.#replicas.set(group, { text, value });
    return value;
  }

  #transact<Result>(act: () => Result): Result {
    return this.#run(() => inTransaction(this.#database, act));
  }

  #run<Result>(act: () => Result): Result {
    try {
      return act();
    } catch (error) {
      throw storeError(this.#path, error);
    }
  }
}

/** SQLite's own code for "another process writes". */
const SQLITE_BUSY = 5;

function storeError(path: string, error: unknown): ScalerError {
  const { message, errcode } = error as { readonly message?: string; readonly errcode?: number };
  const retryable = errcode === SQLITE_BUSY;
  return new ScalerError('SCALER_STORE', `${path}: ${message ?? String(error)}`, { cause: error, retryable });
}
