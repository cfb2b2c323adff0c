import type { FailureKind } from './protocol/protocol.ts';

/** Why a batch failed: the backend's own answer, unusable vectors in it, or the lack of one. */
export type BatchFailureReason = FailureKind | 'spoiled' | 'timeout' | 'connection' | 'aborted';

/** Why chunks were sent again: their batch failed, or took far longer than predicted while another backend was free. */
export type RetryReason = BatchFailureReason | 'straggler';

/**
 * Why a call was refused though nothing is wrong with it: no room in the queue, its tenant's part of it used up, no room among those
 * that wait for a backend, or a deadline that can't be met.
 */
export type ShedReason = 'queue-full' | 'tenant-share' | 'hold-full' | 'deadline';

/** Everything the pool tells about itself; metrics and logs subscribe. */
export type PoolEvent =
  | { readonly kind: 'job-accepted'; readonly chunks: number }
  | { readonly kind: 'chunks-sent'; readonly waitMs: number; readonly chunks: number }
  | {
      readonly kind: 'batch-ended';
      readonly backendId: string;
      readonly chunks: number;
      readonly durationMs: number;
      readonly outcome: 'ok' | BatchFailureReason;
    }
  | {
      readonly kind: 'chunks-settled';
      readonly outcome: 'ok' | 'error' | 'cancelled';
      readonly chunks: number;
    }
  | { readonly kind: 'retry'; readonly reason: RetryReason; readonly chunks: number }
  | { readonly kind: 'shed'; readonly reason: ShedReason }
  | {
      readonly kind: 'backend-changed';
      readonly backendId: string;
      readonly state: string;
      readonly reason: string;
    }
  | { readonly kind: 'source-problem'; readonly problem: string };

export type PoolListener = (event: PoolEvent) => void;
