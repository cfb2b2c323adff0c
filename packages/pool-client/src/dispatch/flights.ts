import type { Backend } from '../backend/backend.ts';
import type { Batch } from '../queue/batch.ts';

/** A batch under way. */
export interface Flight {
  readonly backend: Backend;
  readonly batch: Batch;
  /** When it counts as a straggler and is to be sent elsewhere as well, on the pool's clock. */
  lateMs: number;
  /** When its backend counts as silent. */
  silentMs: number;
  /** Its chunks are on their way elsewhere: whatever becomes of it, they are cared for. */
  rescued: boolean;
}

/** The batches of one model that are under way, watched for those that take far too long. */
export class Flights {
  readonly #all = new Set<Flight>();

  begin(flight: Flight): void {
    this.#all.add(flight);
  }

  end(flight: Flight): void {
    this.#all.delete(flight);
  }

  /** Nobody could look for so long, and answers may have come meanwhile: all is due later. */
  postpone(ms: number): void {
    for (const flight of this.#all) {
      flight.lateMs += ms;
      flight.silentMs += ms;
    }
  }

  /** Those that something is due for. */
  due(nowMs: number): readonly Flight[] {
    return [...this.#all].filter((flight) => dueMs(flight) <= nowMs);
  }

  /** The next moment at which something is due for one; undefined when nothing ever is. */
  get nextMs(): number | undefined {
    let next = Number.POSITIVE_INFINITY;
    for (const flight of this.#all) next = Math.min(next, dueMs(flight));
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  /** Whether a backend keeps its word: none of its batches is late. */
  isPunctual(backend: Backend, nowMs: number): boolean {
    for (const flight of this.#all) {
      if (flight.backend === backend && flight.lateMs <= nowMs) return false;
    }
    return true;
  }
}

function dueMs({ lateMs, silentMs, rescued }: Flight): number {
  return rescued ? silentMs : Math.min(lateMs, silentMs);
}
