import type { Backend } from '../backend/backend.ts';
import type { PoolListener } from '../events.ts';
import { type Batch, longestOf, openPart } from '../queue/batch.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import { type Flight, Flights } from './flights.ts';
import type { RetryBudget } from './retry-budget.ts';
import { silentAfterMs, stragglerAfterMs } from './straggler.ts';

export interface StragglerWatchParts {
  readonly queue: JobQueue;
  readonly budget: RetryBudget;
  readonly emit: PoolListener;
}

/** When a late batch is looked at again for which there was no better place, in milliseconds. */
const LOOK_AGAIN_MS = 50;

/** Sends what takes far too long elsewhere as well, if there is anywhere better, and blames backends that are silent. */
export class StragglerWatch {
  readonly #parts: StragglerWatchParts;
  readonly #flights = new Flights();

  constructor(parts: StragglerWatchParts) {
    this.#parts = parts;
  }

  /** A batch leaves; to be handed to `end` when it has ended. */
  begin(backend: Backend, batch: Batch, sentMs: number): Flight {
    const { residual, measured } = backend.learned;
    const expectedMs = backend.expectMs(batch.chunks, longestOf(batch));
    const lateAfterMs = stragglerAfterMs({ expectedMs, residual, measured });
    const flight: Flight = {
      backend,
      batch,
      lateMs: sentMs + lateAfterMs,
      silentMs: sentMs + silentAfterMs(lateAfterMs),
      rescued: false,
    };
    this.#flights.begin(flight);
    return flight;
  }

  end(flight: Flight): void {
    this.#flights.end(flight);
  }

  /** This process could do nothing for so long: that was no fault of the backends. */
  paused(ms: number): void {
    this.#flights.postpone(ms);
  }

  /** Does what is due; returns the next moment at which something will be. */
  look(nowMs: number, backends: readonly Backend[]): number | undefined {
    for (const flight of this.#flights.due(nowMs)) {
      if (flight.silentMs <= nowMs) {
        flight.silentMs = Number.POSITIVE_INFINITY;
        flight.backend.blameSilence();
      }
      if (!flight.rescued && flight.lateMs <= nowMs) this.#rescue(flight, nowMs, backends);
    }
    return this.#flights.nextMs;
  }

  #rescue(flight: Flight, nowMs: number, backends: readonly Backend[]): void {
    const { queue, budget, emit } = this.#parts;
    const { backend, batch } = flight;
    const { history } = batch;
    const open = openPart(batch);
    if (open.chunks === 0) {
      flight.lateMs = Number.POSITIVE_INFINITY;
      // Nobody waits for it any more, and others may wait for what it would have shown.
      if (history.bisection) queue.endSearch(history.bisection);
      return;
    }
    // Once, unless the place it was sent to turned out to be no better.
    const wasRescued = history.rescued === true && backend.state === 'serving';
    const isBetter = (other: Backend) =>
      other !== backend &&
      other.state === 'serving' &&
      other.standing.restsUntilMs <= nowMs &&
      this.#flights.isPunctual(other, nowMs);
    if (wasRescued || !backends.some(isBetter) || !budget.allows(nowMs)) {
      flight.lateMs = nowMs + LOOK_AGAIN_MS;
      return;
    }
    flight.rescued = true;
    const triedBackendIds = [...history.triedBackendIds, backend.id];
    queue.putBack({ ...open, history: { ...history, rescued: true, triedBackendIds, notBeforeMs: nowMs } });
    emit({ kind: 'retry', reason: 'straggler', chunks: open.chunks });
  }
}
