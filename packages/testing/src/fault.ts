import type { ErrorName } from './refusal.ts';

/**
 * Which embedding requests a fault strikes, counted from 1 when it was set: those after the first `afterRequests`, `count` of
 * them, each with `probability`.
 */
export type FaultScope = {
  /** 0 to 1. @default 1 */
  readonly probability?: number;
  /** @default all */
  readonly count?: number;
  /** @default 0 */
  readonly afterRequests?: number;
};

/** One scripted misbehaviour. */
export type Fault = FaultScope &
  (
    | NoAnswerFault
    | SlowFault
    | RefusingFault
    | SpoiledVectorsFault
    | SpoiledBodyFault
    | { readonly kind: 'ping'; readonly status: PingStatus }
  );

/** What `/ping` may say; as a fault it says so whatever is true. */
export type PingStatus = 'Healthy' | 'Unhealthy' | 'PENDING' | 'FAILED';

/** The request gets no answer at all. */
export type NoAnswerFault =
  /** Takes the request and stays silent; no worker is busy with it. */
  | { readonly kind: 'hang' }
  /** Resets the connection (RST). */
  | { readonly kind: 'reset' };

/** The service time becomes `factor` times itself plus `extraMs` (defaults 1 and 0). */
export type SlowFault = { readonly kind: 'slow'; readonly factor?: number; readonly extraMs?: number };

/** The request gets an error status. */
export type RefusingFault =
  /**
   * The named error. `engine-failure` comes after the whole service time and `translate-exception` when a worker has
   * got to the job; the others come at once.
   */
  | { readonly kind: 'error'; readonly error: ErrorName }
  /** 400 for everything, also for what is known to be good; when a worker has got to it. */
  | { readonly kind: 'refuse-all' }
  /** 400 TranslateException for every batch with a text that includes `marker`; when a worker has got to it. */
  | { readonly kind: 'poison'; readonly marker: string }
  /**
   * For `forMs` from when it is set, and again from each `revive()`, there are no models yet: `not-ready` answers 503 and
   * `/ping` says PENDING, `refused` closes the port. The scope does not count.
   */
  | { readonly kind: 'slow-start'; readonly forMs: number; readonly answer: 'not-ready' | 'refused' };

/** Status 200 and sound JSON with wrong vectors. Where `index` is missing, chance chooses the vector. */
export type SpoiledVectorsFault =
  /** One vector too many (`by: 1`) or too few (`by: -1`); other numbers likewise. */
  | { readonly kind: 'wrong-count'; readonly by: number }
  /** `NaN` or `null` in the place of one number. In base64 both are NaN. */
  | { readonly kind: 'not-a-number'; readonly value: 'NaN' | 'null'; readonly index?: number }
  /** All vectors, or one, have `dimensions` numbers. */
  | {
      readonly kind: 'wrong-dimensions';
      readonly dimensions: number;
      readonly which: 'all' | 'one';
      readonly index?: number;
    }
  /** Two neighbours change places; nothing happens to a single vector. `index` is the first of the two. */
  | { readonly kind: 'swapped'; readonly index?: number }
  /** One vector has only zeros. */
  | { readonly kind: 'zero-vector'; readonly index?: number };

/** Status 200 and a broken body. */
export type SpoiledBodyFault =
  /** A content-length for the whole body, the first half of it, then the end of the connection. */
  | { readonly kind: 'truncated' }
  /** The first half of the body with the right content-length for it. */
  | { readonly kind: 'cut-json' }
  /** One byte that JSON does not have there, in the middle or at the end. */
  | { readonly kind: 'malformed-json'; readonly at: 'middle' | 'end' };
