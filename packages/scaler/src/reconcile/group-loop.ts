import { changesSeconds, decide } from '../decide/decide.ts';
import type { Driver } from '../drivers/driver.ts';
import type { Peer } from '../policies/policy-context.ts';
import { replicaSpeed } from '../policies/replica-speed.ts';
import type { GroupState, Store, StoredReplica } from '../store/store.ts';
import type { Decision } from '../values/decision.ts';
import type { GroupSettings } from '../values/group-settings.ts';
import type { ObservedReplica } from '../values/replica.ts';
import type { Samples } from '../values/sample.ts';
import { isHeld } from './back-off.ts';
import { DecisionMemory } from './decision-memory.ts';
import type { DriverCall } from './driver-call.ts';
import { isGivenUp } from './ending.ts';
import { learnedStartupSeconds } from './learned-startup.ts';
import { heeding, observe } from './observe.ts';
import { orderOf } from './order-of.ts';
import { drainLeaving, isActive, plan } from './plan.ts';
import type { PlanInput } from './plan-input.ts';
import type { Readings } from './readings.ts';
import { RefusedOrders } from './refused-orders.ts';
import { replicaNews } from './replica-news.ts';
import type { ScalerEvent } from './scaler-event.ts';
import { StartFailures } from './start-failures.ts';
import { startingAges } from './starting-ages.ts';

/** What one group's ticks need besides time. */
export interface GroupParts {
  readonly driver: Driver;
  readonly store: Store;
  readonly dryRun: boolean;
  readonly newId: (group: string, nowMs: number) => string;
  readonly emit: (event: ScalerEvent) => void;
  /** Calls the driver under a deadline and says what came of it. */
  readonly call: DriverCall;
}

/** A group as one tick found it. */
export interface Found {
  readonly state: GroupState;
  readonly rows: readonly StoredReplica[];
  /** Undefined when the driver could not say. */
  readonly observed: readonly ObservedReplica[] | undefined;
  readonly measured: Samples;
  readonly startupSeconds: number;
  readonly startups: readonly number[];
  readonly problem: string | undefined;
}

/** Hosts repeat what they say of themselves, and a notice is of the last minutes. */
const REPORTS_HEEDED_MS = 3_600_000;

/** How many start-ups the learned time rests on. */
const STARTUPS_KEPT = 10;

/** One group: `find` reads, `settle` decides and writes, `carryOut` acts. In this order, once a tick. */
export class GroupLoop {
  readonly #parts: GroupParts;
  readonly #memory: DecisionMemory;
  readonly #failures = new StartFailures();
  readonly #refusals = new RefusedOrders();
  #lastListAtMs: number | undefined;
  #storedAtMs: number | undefined;

  constructor(parts: GroupParts) {
    this.#parts = parts;
    this.#memory = new DecisionMemory(parts.store);
  }

  /** Forgets what another leader may have changed. */
  reset(): void {
    this.#memory.reset();
    this.#lastListAtMs = undefined;
    this.#storedAtMs = undefined;
  }

  async find(settings: GroupSettings, nowMs: number): Promise<Found> {
    const { driver, store, call, emit } = this.#parts;
    const { name } = settings;
    const [listed, measured] = await Promise.all([
      call(name, driver, 'list', (signal) => driver.list(name, signal)).then(
        (observed) => ({ observed, problem: undefined }),
        (error: Error) => ({ observed: undefined, problem: error.message }),
      ),
      driver.measure === undefined
        ? {}
        : call(
            name,
            driver,
            'measure',
            (signal) => driver.measure?.(name, signal) ?? Promise.resolve({}),
          ).catch(() => ({})),
    ]);
    const state = store.load(name);
    const past = store.startups(name, STARTUPS_KEPT).map(({ seconds }) => seconds);
    const reports = store.reports(nowMs - REPORTS_HEEDED_MS);
    if (listed.observed === undefined) {
      this.#lastListAtMs = undefined;
      const startupSeconds = learnedStartupSeconds(past, settings.startup.expectedSeconds);
      // Notices come another way than lists, and hosts are taken away whether or not their platform answers.
      const rows = state.replicas.map((row) => heeding(row, { reports, rows: state.replicas, nowMs }));
      return { state, rows, measured, startupSeconds, startups: [], ...listed };
    }
    const { namesReplicas, choosesRemoved, strangers, listGraceSeconds, startsOnce = false } = driver;
    const seen = observe({
      group: settings,
      rows: state.replicas,
      observed: listed.observed,
      reports,
      namesReplicas,
      choosesRemoved,
      strangers,
      listGraceSeconds,
      startsOnce,
      desired: state.desired,
      nowMs,
      lastListAtMs: this.#lastListAtMs,
    });
    this.#lastListAtMs = nowMs;
    this.#failures.count({ before: state.replicas, after: seen.rows, ...seen, nowMs });
    if (seen.lost.length > 0) emit({ kind: 'lost', group: name, ids: seen.lost.map(({ id }) => id) });
    if (seen.adopted.length > 0) emit({ kind: 'adopted', group: name, ids: seen.adopted });
    for (const seconds of seen.startupSeconds) emit({ kind: 'started', group: name, seconds });
    const startupSeconds = learnedStartupSeconds(
      [...seen.startupSeconds, ...past].slice(0, STARTUPS_KEPT),
      settings.startup.expectedSeconds,
    );
    return { state, rows: seen.rows, measured, startupSeconds, startups: seen.startupSeconds, ...listed };
  }

  /** What one replica of the group does, as `settle` will have it. */
  speed(settings: GroupSettings, samples: Samples, nowMs: number): number {
    const past = this.#memory.recall(settings, nowMs);
    const learnedChunksPerSecond = this.#memory.learnedSpeed(samples);
    const classChunksPerSecond = settings.chunksPerSecond;
    return replicaSpeed({ past, samples, nowMs, learnedChunksPerSecond, classChunksPerSecond })
      .chunksPerSecond;
  }

  /** Decides and writes: the decision, the count and every replica's intent, in one transaction. */
  settle(
    settings: GroupSettings,
    found: Found,
    samples: Samples,
    peers: readonly Peer[],
    readings: Readings,
    at: At,
  ): Settled {
    const { driver, store, dryRun, emit, newId } = this.#parts;
    const { nowMs, epoch } = at;
    const { state, rows, startupSeconds } = found;
    const past = this.#memory.recall(settings, nowMs);
    const active = rows.filter(isActive);
    const manual = state.manual;
    const outOfReach = new Set(found.observed?.filter((each) => each.outOfReach).map(({ id }) => id));
    const isOutOfReach = (id: string) => outOfReach.has(id);
    // What is planned below ends or drains them: at the next tick they launch no more. A dry run, and one without a list, leaves them as they are.
    const gaveUp =
      dryRun || found.observed === undefined
        ? []
        : rows.filter((row) => isGivenUp(row, { settings, nowMs, isOutOfReach }));
    this.#failures.countOverdue(gaveUp, settings.startup.timeoutSeconds, nowMs);
    const decision = decide({
      nowMs,
      settings,
      learnedChunksPerSecond: this.#memory.learnedSpeed(samples),
      // A dry run never orders anything: what exists is what it would change.
      current: state.desired ?? (dryRun ? active.length : undefined),
      ready: active.filter(({ state }) => state.kind === 'ready').length,
      startingAgesSeconds: startingAges(active, state, settings, nowMs, driver.namesReplicas),
      draining: rows.length - active.length,
      samples,
      startupSeconds,
      past,
      changes: store.changesSince(settings.name, nowMs - changesSeconds(settings) * 1_000),
      manual,
      paused: state.paused,
      blocked: found.problem,
      peers,
      heldLaunches:
        this.#failures.held(nowMs) ?? this.#refusals.held(driver.name, found.observed?.length ?? 0),
      dryRun,
    });
    const intent: PlanInput = {
      settings,
      rows,
      target: decision.target,
      nowMs,
      namesReplicas: driver.namesReplicas,
      choosesRemoved: driver.choosesRemoved,
      isEmpty: (id, markedAtMs) => readings.isEmpty(id, markedAtMs),
      inFlight: (id) => readings.inFlight(id),
      isOutOfReach,
      launchNotBeforeMs: this.#failures.launchNotBeforeMs,
      newId: () => newId(settings.name, nowMs),
    };
    const planned = dryRun ? rows : found.observed === undefined ? drainLeaving(rows, intent) : plan(intent);
    // What exists is not known before the first list: an empty one may not become the count of a new group.
    // A group that could not begin begins later: its initial count is still to come.
    const held = (state.paused.out || !settings.enabled) && decision.target !== decision.wanted;
    const unknown = state.desired === undefined && (found.observed === undefined || held);
    const startups = found.startups.map((seconds) => ({ group: settings.name, atMs: nowMs, seconds }));
    const isNews =
      decision.target !== decision.current ||
      startups.length > 0 ||
      state.desired === undefined ||
      JSON.stringify(planned) !== JSON.stringify(state.replicas);
    // Ticks are closer while a group wakes up; what says nothing new is kept once in an interval.
    const sinceStoredMs = Math.abs(nowMs - (this.#storedAtMs ?? Number.NEGATIVE_INFINITY));
    if (isNews || sinceStoredMs >= settings.intervalSeconds * 1_000) {
      const desired = dryRun || unknown ? {} : { desired: decision.target };
      store.commit(epoch, { decision, ...desired, replicas: planned, startups });
      this.#storedAtMs = nowMs;
    }
    this.#memory.remember(decision, settings);
    emit({ kind: 'decided', decision, samples, startupSeconds, rows: planned });
    const news = replicaNews(state.replicas, planned);
    if (news.length > 0 && !dryRun) emit({ kind: 'news', group: settings.name, news });
    const endedBefore = new Set(
      state.replicas.filter(({ state }) => state.kind === 'terminating').map(({ id }) => id),
    );
    for (const { id, state: now } of planned) {
      if (now.kind === 'terminating' && !endedBefore.has(id))
        emit({ kind: 'ended', group: settings.name, id, cause: now.cause, because: now.because });
    }
    return { decision, rows: planned };
  }

  /** Asks the driver for what is still missing, unless it failed a moment ago. After `deadline` another scaler may act. */
  async carryOut(
    settings: GroupSettings,
    found: Found,
    { decision, rows }: Settled,
    { nowMs, deadline }: { readonly nowMs: number; readonly deadline: AbortSignal },
  ): Promise<void> {
    const { driver, dryRun, call } = this.#parts;
    if (dryRun || found.observed === undefined) return;
    const { namesReplicas, choosesRemoved } = driver;
    const order = orderOf({
      group: settings.name,
      target: decision.target,
      rows,
      observed: found.observed,
      namesReplicas,
      choosesRemoved,
      launchesHeld: isHeld(this.#failures.launchNotBeforeMs, nowMs),
    });
    if (order === undefined || this.#refusals.holdBack(order, found.observed, nowMs)) return;
    try {
      await call(settings.name, driver, 'scale', (signal) =>
        driver.scale(order, AbortSignal.any([signal, deadline])),
      );
      this.#refusals.forget();
    } catch (error) {
      // Reported by `call`; the next tick finds the same order outstanding, or what is left of it.
      this.#refusals.count(order, error as Error, found.observed, nowMs);
    }
  }
}

/** What a tick settled: the rows are written. */
export interface Settled {
  readonly decision: Decision;
  readonly rows: readonly StoredReplica[];
}

/** The moment of a tick, and the lease it acts under. */
export interface At {
  readonly nowMs: number;
  readonly epoch: number;
}
