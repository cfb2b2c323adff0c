import type { Clock } from '../../clock.ts';
import type { EndRecords } from './end-records.ts';
import { keyOf, type ProcessTable, sameProcess, type TableEntry } from './process-table.ts';

/** Sends a signal to a process; no error when it is gone. A `group` signal reaches its children too. */
export type SendSignal = (pid: number, signal: 'SIGTERM' | 'SIGKILL', to: 'process' | 'group') => void;

export interface EndingsOptions {
  readonly table: ProcessTable;
  readonly records: EndRecords;
  readonly clock: Clock;
  readonly send: SendSignal;
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number;
  /** Told when a process could not be looked after. */
  readonly onFault: (error: unknown) => void;
}

const LOOK_MS = 100;

/** Ends processes: SIGTERM once, SIGKILL when their time is up. */
export class Endings {
  readonly #options: EndingsOptions;
  readonly #pending = new Map<string, Promise<void>>();
  readonly #hurry = new AbortController();

  constructor(options: EndingsOptions) {
    this.#options = options;
  }

  /** Resolves when it was told; what then becomes of it is seen to in the background. */
  async order(entry: TableEntry): Promise<void> {
    const { table, records, clock, send, onFault } = this.#options;
    const key = keyOf(entry);
    if (this.#pending.has(key)) return;
    let orderedAtMs = await records.orderedAtMs(entry);
    if (orderedAtMs === undefined) {
      orderedAtMs = clock.nowMs();
      await records.put(entry, orderedAtMs);
      // The pid may be another's since the list was read.
      if (sameProcess(entry, await table.find(entry.pid))) send(entry.pid, 'SIGTERM', 'process');
    }
    const ended = this.#see(entry, orderedAtMs)
      .catch(onFault) // the next order for it looks again
      .finally(() => this.#pending.delete(key));
    this.#pending.set(key, ended);
  }

  /** Resolves when everything that was told to end is gone; takes the grace at most. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending.values());
  }

  /** From now on nobody gets more time. */
  hurry(): void {
    this.#hurry.abort();
  }

  async #see(entry: TableEntry, orderedAtMs: number): Promise<void> {
    const { table, clock, send, graceMs } = this.#options;
    // A clock that was set back must not give more time than the grace.
    const untilMs = Math.min(orderedAtMs, clock.nowMs()) + graceMs;
    while (sameProcess(entry, await table.find(entry.pid))) {
      if (this.#hurry.signal.aborted || clock.nowMs() >= untilMs) {
        send(entry.pid, 'SIGKILL', 'group');
        return;
      }
      await clock.sleep(LOOK_MS, this.#hurry.signal);
    }
  }
}

/** Signals of the system. */
export const sendSignal: SendSignal = (pid, signal, to) => {
  // To the system -1 means everybody.
  if (to === 'group' && pid > 1) trySignal(-pid, signal);
  trySignal(pid, signal);
};

function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it is gone
  }
}
