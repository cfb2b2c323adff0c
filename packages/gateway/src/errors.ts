/** What all refusals have in common. */
interface Refusal {
  /** For people: what happened, to what, with the numbers, and what to do. May change. */
  readonly message: string;
}

/**
 * Why a request gets no vectors: one case for each row of the error table, as a value, not an exception.
 * The dialects write it down in the caller's words (`dialects/error-table.ts`).
 */
export type GatewayError =
  | (Refusal & {
      /** Broken JSON, wrong shape or item, nothing to embed, invalid UTF-8, no body. */
      readonly kind: 'invalid_request';
      /** The field or header that is wrong, such as `input[3]`, where one can be named. */
      readonly param?: string;
    })
  | (Refusal & {
      /** The model itself refuses one text. */
      readonly kind: 'input_refused';
      /** Position of the text in the request, from 0. */
      readonly index: number;
    })
  | (Refusal & {
      /** No key, or a wrong one. */
      readonly kind: 'unauthorized';
      /** How to ask for it in `WWW-Authenticate`; `basic` makes a browser show its form. */
      readonly challenge: 'bearer' | 'basic';
    })
  | (Refusal & { readonly kind: 'forbidden' })
  | (Refusal & { readonly kind: 'not_found' })
  | (Refusal & {
      readonly kind: 'model_not_found';
      /** Names of the models that there are. */
      readonly names: readonly string[];
    })
  | (Refusal & {
      readonly kind: 'method_not_allowed';
      /** Methods that the route has, for the `Allow` header. */
      readonly allow: readonly string[];
    })
  /** An admin request that what there is doesn't allow, such as removing a backend that a source lists. */
  | (Refusal & { readonly kind: 'conflict' })
  | (Refusal & { readonly kind: 'payload_too_large' })
  | (Refusal & { readonly kind: 'unsupported_media_type' })
  | (Refusal & {
      /** The queue, the tenant's share of it or the hold is full. */
      readonly kind: 'queue_full';
      /** When there should be room, in seconds from now; sent rounded up, at least 1. */
      readonly retryAfterS: number;
    })
  | (Refusal & { readonly kind: 'backend_failed' })
  | (Refusal & {
      /** No backend, the deadline cannot be met, or draining. */
      readonly kind: 'unavailable';
      /** When trying again may help, in seconds from now; sent rounded up, at least 1. */
      readonly retryAfterS: number;
    })
  | (Refusal & { readonly kind: 'timeout' })
  | (Refusal & { readonly kind: 'internal' });

/** The literal that tells the cases of a {@link GatewayError} apart. */
export type GatewayErrorKind = GatewayError['kind'];

/** A refusal of the request's form; `param` is the field or header at fault. */
export function invalidRequest(message: string, param?: string): GatewayError {
  return param === undefined
    ? { kind: 'invalid_request', message }
    : { kind: 'invalid_request', message, param };
}
