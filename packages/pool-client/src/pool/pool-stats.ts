import type { Backend } from '../backend/backend.ts';
import { type BackendState, isUsable } from '../backend/backend-state.ts';
import type { BreakerState } from '../backend/breaker.ts';
import type { BackendClass } from '../backend-entry.ts';
import type { Priority } from '../job.ts';
import type { ProtocolName } from '../protocol/protocol.ts';
import { withoutQuotes } from '../protocol/without-quotes.ts';

/** One backend as operators see it. */
export interface BackendStatus {
  readonly id: string;
  readonly url: string;
  readonly class: BackendClass;
  readonly model: string;
  readonly protocol: ProtocolName;
  readonly state: BackendState;
  /** Why it is in this state. */
  readonly reason: string;
  /** Why its last batch or probe failed, without the backend's own words; null after a good one. */
  readonly lastProblem: string | null;
  readonly breaker: BreakerState;
  /** Until an ejected one is asked again whether it is well; null while it is not ejected. */
  readonly nextProbeSeconds: number | null;
  readonly inFlightChunks: number;
  /** At full batches; measured, else what its class is believed to do. */
  readonly chunksPerSecond: number;
  /** Mean relative error of the recent predictions of its batches' times. */
  readonly residual: number;
  /** Batches it is believed to work on at once. */
  readonly workers: number;
  /** Most chunks it is sent at once now. */
  readonly batchLimit: number;
  /** null before its first answer. */
  readonly dimensions: number | null;
}

export interface ModelStatus {
  readonly name: string;
  /** `Healthy` while a backend serves it, `Unhealthy` when it has backends and none does, `PENDING` without any. */
  readonly status: 'Healthy' | 'Unhealthy' | 'PENDING';
  /** null before the first answer. */
  readonly dimensions: number | null;
}

/** The pool at one moment. */
export interface PoolStats {
  readonly queuedChunks: Readonly<Record<Priority, number>>;
  readonly queuedBytes: number;
  /** Age of the longest waiting call, 0 while nothing waits. */
  readonly oldestSeconds: number;
  /** Predicted time until the queues are empty. */
  readonly queuedWorkSeconds: number;
  /** Calls that wait while there is no backend for them. */
  readonly heldJobs: number;
  /** Calls that are not settled. */
  readonly openJobs: number;
  readonly models: readonly ModelStatus[];
  readonly backends: readonly BackendStatus[];
  readonly pendingSources: readonly { readonly name: string; readonly reason: string }[];
  readonly problems: readonly string[];
  /** Whether each source was tried once. */
  readonly triedAllOnce: boolean;
}

export function backendStatus(backend: Backend, nowMs: number): BackendStatus {
  const { url, class: class_, model, protocol } = backend.entry;
  const { standing } = backend;
  const { workers, batchLimit } = backend.view();
  return {
    id: backend.id,
    url,
    class: class_,
    model,
    protocol,
    state: backend.state,
    reason: standing.reason,
    lastProblem: standing.lastProblem === undefined ? null : withoutQuotes(standing.lastProblem),
    breaker: standing.breakerState,
    nextProbeSeconds:
      standing.nextProbeMs === undefined
        ? null
        : Math.max(0, Math.round(standing.nextProbeMs - nowMs) / 1_000),
    inFlightChunks: backend.inFlightChunks,
    chunksPerSecond: Math.round(backend.learned.chunksPerSecond),
    residual: Math.round(1_000 * backend.learned.residual) / 1_000,
    workers,
    batchLimit,
    dimensions: backend.dimensions ?? null,
  };
}

export function modelStatus(name: string, backends: readonly Backend[]): ModelStatus {
  const usable = backends.filter(isUsable);
  return {
    name,
    status: usable.some(({ state }) => state === 'serving')
      ? 'Healthy'
      : usable.length > 0
        ? 'Unhealthy'
        : 'PENDING',
    dimensions: backends.find(({ dimensions }) => dimensions !== undefined)?.dimensions ?? null,
  };
}
