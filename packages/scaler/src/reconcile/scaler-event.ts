import type { StoredReplica } from '../store/store.ts';
import type { Decision } from '../values/decision.ts';
import type { EndCause } from '../values/replica.ts';
import type { Samples } from '../values/sample.ts';
import type { ReplicaNews } from './replica-news.ts';

/** What happened in the loop; log, metrics and alarms subscribe. */
export type ScalerEvent =
  | { readonly kind: 'leading'; readonly leading: boolean; readonly holder: string }
  | {
      readonly kind: 'decided';
      readonly decision: Decision;
      readonly samples: Samples;
      readonly startupSeconds: number;
      /** As they are to be from now on. */
      readonly rows: readonly StoredReplica[];
    }
  | { readonly kind: 'started'; readonly group: string; readonly seconds: number }
  /** Replicas that ended although nobody asked them to. */
  | { readonly kind: 'lost'; readonly group: string; readonly ids: readonly string[] }
  /** Replicas that are in another state than at the tick before. */
  | { readonly kind: 'news'; readonly group: string; readonly news: readonly ReplicaNews[] }
  | { readonly kind: 'adopted'; readonly group: string; readonly ids: readonly string[] }
  | {
      readonly kind: 'ended';
      readonly group: string;
      readonly id: string;
      readonly cause: EndCause;
      readonly because: string;
    }
  | {
      readonly kind: 'driver-called';
      readonly group: string;
      readonly driver: string;
      readonly call: 'list' | 'scale' | 'measure';
      readonly seconds: number;
      readonly error?: Error;
    }
  | { readonly kind: 'tick-failed'; readonly error: Error }
  /** Nothing is under way until then, unless it is woken. */
  | { readonly kind: 'resting'; readonly untilMs: number };
