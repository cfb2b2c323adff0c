/** What a session's thread is started with. */
export interface SessionSetup {
  readonly graphPath: string;
  /** The bytes of the weights, for a graph that does not lie beside them; shared, so that they are there once. */
  readonly weights: SharedArrayBuffer | undefined;
  readonly weightsName: string;
  readonly tokenizerPath: string;
  readonly maxRunTexts: number;
  /** Whether unlike texts of a request are run apart; otherwise all in one run. */
  readonly groupByLength: boolean;
  /** One 32-bit integer: the id of the request that nobody waits for any more. */
  readonly abandoned: SharedArrayBuffer;
}

/** What the main thread asks for; one at a time. */
export type SessionRequest =
  | { readonly kind: 'embed'; readonly id: number; readonly texts: readonly string[]; readonly flat: boolean }
  | { readonly kind: 'close' };

/** What the thread says. */
export type SessionReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'answer'; readonly id: number; readonly json: Uint8Array }
  | { readonly kind: 'abandoned'; readonly id: number }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };
