import type { ProtocolName } from './protocol/protocol.ts';

/** Kind of machine behind a backend; decides the batch sizes before its costs are learned. */
export type BackendClass = 'gpu' | 'large' | 'cpu' | 'small' | 'default';

export const BACKEND_CLASSES: readonly BackendClass[] = ['gpu', 'large', 'cpu', 'small', 'default'];

/** One backend as a source lists it: a place that serves one model. */
export interface BackendEntry {
  /** Unique in the pool: the list's own `id`, else `host:port/model`. */
  readonly id: string;
  /** URL that batches go to, without suffixes; for DJL with its route (`/predictions/{model}`). */
  readonly url: string;
  readonly model: string;
  readonly class: BackendClass;
  readonly protocol: ProtocolName;
  /** Most chunks in one batch, 1 to 4096. @default 256 */
  readonly maxBatch: number;
  /** Most parallel batches that the backend is believed to work on, 1 to 64. @default 8 */
  readonly concurrency: number;
  /** `starting` ones get no work yet, `draining` ones no new work. */
  readonly state: 'starting' | 'ready' | 'draining';
}
