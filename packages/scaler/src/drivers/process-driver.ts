import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { ScalerError } from '../errors.ts';
import type { ObservedReplica } from '../values/replica.ts';
import type { Driver, ScaleOrder } from './driver.ts';
import type { Environment } from './process/child-environment.ts';
import { EndRecords } from './process/end-records.ts';
import { Endings, sendSignal } from './process/endings.ts';
import { freePorts } from './process/free-ports.ts';
import { type Lock, launchLock } from './process/launch-lock.ts';
import { Launcher } from './process/launcher.ts';
import { LivingReplicas } from './process/living-replicas.ts';
import { httpPing, type Ping } from './process/ping.ts';
import type { ProcessCommand } from './process/process-command.ts';
import type { ProcessTable } from './process/process-table.ts';
import { ReplicaLogs } from './process/replica-logs.ts';
import { firstOfEachId, type ReplicaProcess } from './process/replica-process.ts';
import { systemProcessTable } from './process/system-process-table.ts';
import { toDriverError } from './to-driver-error.ts';

export interface ProcessDriverOptions {
  /** Whose replicas they are: must be the same after a restart of the scaler, and no other scaler's of this user. */
  readonly pool: string;
  /** For logs and locks; made when it is missing. The same for each driver of a pool. */
  readonly stateDir: string;
  readonly command: ProcessCommand;
  /** The scaler's own environment, of which replicas get what is none of the scaler's secrets or settings. */
  readonly env: Environment;
  readonly clock: Clock;
  readonly onEvent?: (event: ProcessDriverEvent) => void;
  /** How it looks at processes; `/proc` or `ps` by default. */
  readonly table?: ProcessTable;
  /** How it asks whether a replica is up; one second over HTTP by default. */
  readonly ping?: Ping;
}

/** For the log. */
export type ProcessDriverEvent =
  | { readonly kind: 'launched'; readonly id: string; readonly pid: number; readonly logFile: string }
  | { readonly kind: 'exited'; readonly id: string; readonly how: string; readonly lastLines: string }
  | { readonly kind: 'fault'; readonly error: unknown };

const PING_TIMEOUT_MS = 1_000;

/** What a process gets on top of its own stop time before it is killed. */
const KILL_MARGIN_MS = 1_000;

/** How much longer than that ending all is tried, and how often it is looked. */
const UNKILLABLE_MS = 10_000;
const ROUND_MS = 20;

/**
 * Replicas as processes of this machine. They live on when the scaler is gone and carry what they are in their environment, where the next
 * run finds them; nothing else needs to be remembered. A replica that has answered once stays `ready` while its process lives: whether
 * it still answers is seen by the gateways, on every request. One that ended before it ever answered is listed as `failed` by the driver
 * that launched it until it is removed, since launching it again would fail again; one that ended later is not listed.
 */
export class ProcessDriver implements Driver {
  readonly name = 'process';
  readonly namesReplicas = true;
  readonly choosesRemoved = true;
  readonly strangers = 'adopt';
  readonly listGraceSeconds = 0;
  readonly leastTickSeconds = 0;
  readonly #options: ProcessDriverOptions;
  readonly #lock: Lock;
  readonly #living: LivingReplicas;
  readonly #launcher: Launcher;
  readonly #logs: ReplicaLogs;
  readonly #records: EndRecords;
  readonly #endings: Endings;
  readonly #graceMs: number;

  constructor(options: ProcessDriverOptions) {
    const { pool, clock, stateDir, command, env, onEvent } = options;
    const table = options.table ?? systemProcessTable(clock);
    this.#options = options;
    this.#lock = launchLock(join(stateDir, 'launch.lock'), clock);
    this.#living = new LivingReplicas(pool, table, options.ping ?? httpPing(PING_TIMEOUT_MS));
    const logs = new ReplicaLogs(join(stateDir, 'logs'));
    this.#logs = logs;
    this.#launcher = new Launcher({
      pool,
      command,
      env,
      clock,
      logs,
      onLaunched: (id, pid) => onEvent?.({ kind: 'launched', id, pid, logFile: logs.pathOf(id) }),
      onExited: (id, how, lastLines) => onEvent?.({ kind: 'exited', id, how, lastLines }),
    });
    this.#records = new EndRecords(join(stateDir, 'ends'));
    this.#graceMs = command.stopTimeoutMs + KILL_MARGIN_MS;
    this.#endings = new Endings({
      table,
      records: this.#records,
      clock,
      send: sendSignal,
      graceMs: this.#graceMs,
      onFault: (error) => onEvent?.({ kind: 'fault', error }),
    });
  }

  async list(group: string, signal: AbortSignal): Promise<readonly ObservedReplica[]> {
    try {
      const processes = firstOfEachId(await this.#living.read(signal));
      const own = processes.filter(({ markers }) => markers.group === group);
      const observed = await this.#living.observe(own, (id) => this.#logs.pathOf(id), signal);
      signal.throwIfAborted(); // the answers are worth nothing then
      for (const { id, state } of observed) if (state === 'ready') this.#launcher.settle(id);
      const ids = new Set(observed.map(({ id }) => id));
      return [...observed, ...this.#launcher.failedOf(group).filter(({ id }) => !ids.has(id))];
    } catch (error) {
      throw toDriverError(error, `listing the processes of group "${group}"`, signal);
    }
  }

  async scale(order: ScaleOrder, signal: AbortSignal): Promise<void> {
    try {
      await this.#alone(() => this.#carryOut(order, signal), signal);
    } catch (error) {
      throw toDriverError(error, `scaling group "${order.group}" to ${order.desired} processes`, signal);
    }
  }

  /**
   * Ends every replica of the pool, whatever its group, and resolves when the last process is gone; those that are left when `signal` is
   * aborted are killed. Nothing may be ordered meanwhile.
   */
  async endAll(signal: AbortSignal): Promise<void> {
    const hurry = () => this.#endings.hurry();
    signal.addEventListener('abort', hurry, { once: true });
    if (signal.aborted) hurry();
    const unhurried = new AbortController().signal;
    try {
      await this.#alone(() => this.#endEach(unhurried), unhurried);
    } catch (error) {
      throw toDriverError(error, 'ending all processes', unhurried);
    } finally {
      signal.removeEventListener('abort', hurry);
    }
  }

  /** The processes that stand for replicas, by id, as of the last `list` of any group. */
  get pids(): ReadonlyMap<string, number> {
    return this.#living.pids;
  }

  /** Waits for those that were told to end: they are killed when their time is up. */
  async close(): Promise<void> {
    await this.#endings.settled();
  }

  async #alone(task: () => Promise<void>, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await mkdir(this.#options.stateDir, { recursive: true, mode: 0o700 });
    await this.#lock(task, signal);
  }

  async #carryOut({ group, launch, remove }: ScaleOrder, signal: AbortSignal): Promise<void> {
    const processes = await this.#living.read(signal);
    await this.#records.forgetOthers(processes.map(({ entry }) => entry));
    for (const id of remove) this.#launcher.forget(id);
    for (const { entry, markers } of processes) {
      if (remove.includes(markers.id)) await this.#endings.order(entry);
    }
    const living = new Set(processes.map(({ markers }) => markers.id));
    await this.#logs.trim(living);
    const absent = (id: string) => !living.has(id) && !remove.includes(id) && !this.#launcher.hasFailed(id);
    const ids = [...new Set(launch)].filter(absent);
    const ports = await freePorts(ids.length, new Set(processes.map(portOf)));
    for (const [index, port] of ports.entries()) {
      await this.#launcher.launch(group, ids[index] ?? '', port, signal); // there are as many ports as ids
    }
  }

  async #endEach(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const untilMs = clock.nowMs() + this.#graceMs + UNKILLABLE_MS;
    // More than one round: children of a process that is gone stand for its replica.
    for (;;) {
      const processes = await this.#living.read(signal);
      if (processes.length === 0) return;
      if (clock.nowMs() > untilMs) {
        const pids = processes.map(({ entry }) => entry.pid).join(', ');
        throw new ScalerError('SCALER_DRIVER_FAILED', `Processes that can't be killed: ${pids}`);
      }
      for (const { entry, markers } of processes) {
        this.#launcher.forget(markers.id);
        await this.#endings.order(entry);
      }
      await this.#endings.settled();
      await clock.sleep(ROUND_MS);
    }
  }
}

function portOf({ markers }: ReplicaProcess): number {
  return Number(URL.parse(markers.url)?.port);
}
