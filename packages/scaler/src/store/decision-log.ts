import type { SQLOutputValue } from 'node:sqlite';
import type { CountChange, Decision } from '../values/decision.ts';
import { fromJsonColumn } from './read-column.ts';
import { decisionColumn, toJsonColumn } from './row-schemas.ts';
import type { Statements } from './statements.ts';
import type { Startup } from './store.ts';

const HOUR_MS = 3_600_000;
const KEPT_TICK_MS = 24 * HOUR_MS;
const KEPT_CHANGE_MS = 90 * 24 * HOUR_MS;
/** Old rows are looked for this often, on the clock of the decisions; a few at a time, so that no tick waits for it. */
const PRUNE_EVERY_MS = 10_000;
const PRUNED_AT_ONCE = 2_000;

/** What was decided and how long start-ups took, as far back as it is kept. Its caller owns transactions and errors. */
export class DecisionLog {
  readonly #sql: Statements;
  #prunedAtMs = Number.NEGATIVE_INFINITY;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  /** Adds a tick; now and then takes away what is too old, by its clock. */
  add(decision: Decision, changed: boolean, startups: readonly Startup[]): void {
    const { group, decidedAtMs } = decision;
    this.#sql.addDecision.run(group, decidedAtMs, changed ? 1 : 0, toJsonColumn(decision));
    for (const each of startups) this.#sql.addStartup.run(each.group, each.atMs, each.seconds);
    this.#pruneNowAndThen(decidedAtMs);
  }

  last(limit: number, group?: string): readonly Decision[] {
    const { lastDecisions, lastDecisionsOf } = this.#sql;
    const rows = group === undefined ? lastDecisions.all(limit) : lastDecisionsOf.all(group, limit);
    return rows.map(toDecision);
  }

  since(group: string, sinceMs: number): readonly Decision[] {
    return this.#sql.decisionsSince.all(group, sinceMs).map(toDecision);
  }

  changesSince(group: string, sinceMs: number): readonly CountChange[] {
    return this.#sql.changesSince.all(group, sinceMs).map((row) => {
      const { decidedAtMs, current, target } = toDecision(row);
      return { atMs: decidedAtMs, from: current, to: target };
    });
  }

  startups(group: string, limit: number): readonly Startup[] {
    return this.#sql.startups
      .all(group, limit)
      .map(({ at_ms, seconds }) => ({ group, atMs: Number(at_ms), seconds: Number(seconds) }));
  }

  #pruneNowAndThen(nowMs: number): void {
    // Absolute, so that a clock set back doesn't stop it for as long.
    if (Math.abs(nowMs - this.#prunedAtMs) < PRUNE_EVERY_MS) return;
    this.#prunedAtMs = nowMs;
    this.#sql.pruneDecisions.run(0, nowMs - KEPT_TICK_MS, PRUNED_AT_ONCE);
    this.#sql.pruneDecisions.run(1, nowMs - KEPT_CHANGE_MS, PRUNED_AT_ONCE);
    this.#sql.pruneStartups.run(nowMs - KEPT_CHANGE_MS);
  }
}

function toDecision({ id, record }: Record<string, SQLOutputValue>): Decision {
  return fromJsonColumn(decisionColumn, String(record), `decision ${id}`);
}
