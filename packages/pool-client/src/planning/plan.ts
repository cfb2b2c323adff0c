import type { BackendView } from '../balancing/backend-view.ts';
import type { BalancingStrategy } from '../balancing/balancing-strategy.ts';
import { waterFill } from './water-fill.ts';

/** One batch to send now. */
export interface Assignment {
  readonly backendId: string;
  /** Chunks for it, at least 1; fewer may be left when the batch is made. */
  readonly maxChunks: number;
}

export interface Plan {
  readonly assignments: readonly Assignment[];
  /**
   * Ids of backends that were left out for long, and are to be tried with texts of our own: they may be fast again, and if they
   * are not, no caller waits for them.
   */
  readonly trials: readonly string[];
  /** Milliseconds until there is more to plan though nothing happens: a busy backend will soon want its next batch. */
  readonly againInMs: number | undefined;
}

/** A queue of at least so many batches of a backend is deep: its next batch is sent ahead at once. */
const DEEP_QUEUE_BATCHES = 2;

/**
 * Shares the queued chunks out among the backends that have room, late binding: what fits nowhere now stays queued.
 *
 * A backend has room for as many batches as it works on at once, and for one that waits ready behind them: just in time while
 * the queue is short, at once when it is deep, since what waits inside a backend can't be taken back. Each gets at most one
 * batch of its share in a round, or one for each idle worker.
 *
 * @param sendsAhead Whether a deep queue is a reason to send the ready batch at once. Not while somebody in haste may come: what
 * waits in a backend goes before them.
 */
export function plan(
  queuedChunks: number,
  backends: readonly BackendView[],
  strategy: BalancingStrategy,
  sendsAhead = true,
): Plan {
  const assignments: Assignment[] = [];
  let views = backends;
  let left = queuedChunks;
  for (let round = 0; left > 0 && round < MAX_ROUNDS; round += 1) {
    const shares = sharesOf(left, views, strategy);
    const before = left;
    let candidates = views.filter((view, i) => hasRoom(view, left, sendsAhead) && (shares[i] ?? 0) >= 1);
    while (left > 0 && candidates.length > 0) {
      const picked = strategy.pick(candidates);
      // A caller's own strategy may pick what it was not offered.
      const chosen = candidates.includes(picked) ? picked : (candidates[0] as BackendView); // not empty, see above
      candidates = candidates.filter((view) => view !== chosen);
      const share = shares[views.indexOf(chosen)] ?? 0;
      let filled = chosen;
      do {
        const maxChunks = Math.min(left, share, chosen.batchLimit);
        assignments.push({ backendId: chosen.id, maxChunks });
        left -= maxChunks;
        filled = withBatch(filled, maxChunks);
      } while (strategy.sharesByWork && left > 0 && filled.inFlightBatches < filled.workers);
      views = views.map((view) => (view === chosen ? filled : view));
    }
    if (left === before) break;
  }
  if (left === 0) return { assignments, trials: [], againInMs: undefined };
  const trials = views.filter(({ trialDue, inFlightBatches }) => trialDue && inFlightBatches === 0);
  return { assignments, trials: trials.map(({ id }) => id), againInMs: nextLeadMs(views) };
}

/** Rounds of one plan: as many batches as one backend can have in flight. */
const MAX_ROUNDS = 65;

function sharesOf(chunks: number, views: readonly BackendView[], strategy: BalancingStrategy): number[] {
  if (strategy.sharesByWork) {
    // A share is that of all its workers side by side, each with a batch of its own.
    return waterFill(chunks, views).map((share, i) => Math.ceil(share / (views[i]?.workers ?? 1)));
  }
  const idle = views.filter((view) => view.inFlightBatches === 0).length;
  return views.map((view) => (view.inFlightBatches === 0 ? Math.ceil(chunks / idle) : chunks));
}

function hasRoom(view: BackendView, queuedChunks: number, sendsAhead: boolean): boolean {
  const ahead = view.inFlightBatches - view.workers;
  if (ahead < 0) return true;
  if (ahead > 0 || !view.measured) return false;
  if (view.freeMs <= view.leadMs) return true;
  return sendsAhead && queuedChunks >= DEEP_QUEUE_BATCHES * view.batchLimit;
}

function withBatch(view: BackendView, chunks: number): BackendView {
  const inFlightBatches = view.inFlightBatches + 1;
  const batchMs = view.baseMs + view.perChunkMs * chunks;
  return {
    ...view,
    inFlightBatches,
    inFlightChunks: view.inFlightChunks + chunks,
    // With a worker left it stays free.
    freeMs: inFlightBatches < view.workers ? view.freeMs : view.freeMs + batchMs / view.workers,
    trialDue: false,
  };
}

/**
 * When the next busy backend wants its ready batch; for one that has it, or was not measured yet, when it should be free: if it
 * hangs it is predicted to take ever longer, and the work it would have had goes elsewhere.
 */
function nextLeadMs(views: readonly BackendView[]): number | undefined {
  const waits = views
    .filter(({ inFlightBatches, workers }) => inFlightBatches >= workers)
    .map((view) => (isReadyNext(view) ? view.freeMs - view.leadMs : view.freeMs));
  return waits.length > 0 ? Math.max(LEAST_WAIT_MS, Math.min(...waits)) : undefined;
}

function isReadyNext({ measured, inFlightBatches, workers, freeMs, leadMs }: BackendView): boolean {
  return measured && inFlightBatches === workers && freeMs > leadMs;
}

/** Timers count whole milliseconds. */
const LEAST_WAIT_MS = 1;
