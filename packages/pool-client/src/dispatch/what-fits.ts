import type { BackendView } from '../balancing/backend-view.ts';
import type { BalancingStrategy } from '../balancing/balancing-strategy.ts';
import { LONGEST_BATCH_MS } from '../cost/batch-limit.ts';
import type { CostCurve } from '../cost/cost-model.ts';
import type { Job } from '../job.ts';
import type { Haste } from '../planning/haste.ts';
import type { Batch } from '../queue/batch.ts';
import type { BatchBounds } from '../queue/batch-fill.ts';
import type { Accepts } from '../queue/flow.ts';

/** Everything that decides what goes into a backend's next batch. */
export interface Occasion {
  readonly nowMs: number;
  readonly backend: BackendView;
  /** The backends that may get work now, this one among them. */
  readonly backends: readonly BackendView[];
  readonly haste: Haste;
  readonly strategy: BalancingStrategy;
  /** Longest wait of a caller's chunks for the backend it is bound to, in milliseconds. */
  readonly affinityWaitMs: number;
}

/** UTF-16 units in one batch: bounds what one backend is given to chew on, whatever the chunks' lengths. */
const MAX_BATCH_CHARACTERS = 100_000;

/**
 * Longest predicted time, in milliseconds, of a batch with chunks that go before most of what waits: a whole batch of others
 * would hold them up. They take others along all the same, so that it is not wasted.
 */
const HASTY_BATCH_MS = 40;

/** Longest predicted time of the next batch, in milliseconds. */
export function maxBatchMs({ waiting }: Haste): number {
  return waiting.length > 0 ? HASTY_BATCH_MS : LONGEST_BATCH_MS;
}

export function boundsOf({ backend, haste }: Occasion, maxChunks: number, charge: CostCurve): BatchBounds {
  return {
    maxChunks,
    maxCharacters: MAX_BATCH_CHARACTERS,
    maxMs: maxBatchMs(haste),
    curve: backend.curve,
    charge,
  };
}

/** Whether a batch that failed before may go there now: not before its time, and to another backend first. */
export function mayRetry({ nowMs, backend, backends }: Occasion, { history }: Batch): boolean {
  if (history.notBeforeMs > nowMs) return false;
  const tried = (id: string) => history.triedBackendIds.includes(id);
  return !tried(backend.id) || backends.every(({ id }) => tried(id));
}

/** Which jobs' fresh chunks may go there; undefined for all. */
export function acceptsOf(occasion: Occasion): Accepts {
  const { nowMs, backend, backends, haste, strategy, affinityWaitMs } = occasion;
  // Nobody in haste is sent where a batch may stand in line, if there is another.
  const holdsUp = backend.trying && haste.waiting.length > 0 && backends.some(({ trying }) => !trying);
  const { owner } = strategy;
  if (!owner && !holdsUp) return undefined;
  const ids = backends.map(({ id }) => id);
  return ({ request, acceptedAtMs }: Job) => {
    if (holdsUp && haste.waiting.includes(request.priority)) return false;
    if (!owner || !request.affinity || nowMs - acceptedAtMs >= affinityWaitMs) return true;
    return owner(request.affinity, ids) === backend.id;
  };
}
