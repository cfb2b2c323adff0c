import type { ObservedReplica } from '../../values/replica.ts';
import type { Ping } from './ping.ts';
import { keyOf, type ProcessTable } from './process-table.ts';
import { firstOfEachId, type ReplicaProcess, replicaProcesses } from './replica-process.ts';

/** The replicas of a pool as this machine's table shows them, and which of them have answered. */
export class LivingReplicas {
  readonly #pool: string;
  readonly #table: ProcessTable;
  readonly #ping: Ping;
  /** Processes that have answered, by {@link keyOf}. */
  #answered: ReadonlySet<string> = new Set();
  #pids: ReadonlyMap<string, number> = new Map();

  constructor(pool: string, table: ProcessTable, ping: Ping) {
    this.#pool = pool;
    this.#table = table;
    this.#ping = ping;
  }

  /** All processes that stand for one, the oldest first; usually one for each id. */
  async read(signal: AbortSignal): Promise<readonly ReplicaProcess[]> {
    signal.throwIfAborted();
    const processes = replicaProcesses(await this.#table.read(signal), this.#pool);
    const keys = new Set(processes.map(({ entry }) => keyOf(entry)));
    this.#answered = new Set([...this.#answered].filter((key) => keys.has(key)));
    this.#pids = new Map(firstOfEachId(processes).map(({ entry, markers }) => [markers.id, entry.pid]));
    return processes;
  }

  /** Asks those that have not answered yet, all at once. */
  observe(
    processes: readonly ReplicaProcess[],
    logOf: (id: string) => string,
    signal: AbortSignal,
  ): Promise<readonly ObservedReplica[]> {
    return Promise.all(
      processes.map(async ({ entry, markers }): Promise<ObservedReplica> => {
        const { id, url, healthUrl, launchedAtMs } = markers;
        const ready = this.#answered.has(keyOf(entry)) || (await this.#ping(healthUrl, signal));
        if (ready) this.#answered = new Set([...this.#answered, keyOf(entry)]);
        const note = `pid ${entry.pid}, log ${logOf(id)}`;
        return { id, url, state: ready ? 'ready' : 'starting', launchedAtMs, note };
      }),
    );
  }

  /** Replica ids and their processes, as last read. */
  get pids(): ReadonlyMap<string, number> {
    return this.#pids;
  }
}
