import { ApiStatus } from './api-status.ts';
import type { Pod } from './kube-object.ts';
import type { ObjectStore } from './object-store.ts';
import type { Usage } from './pod-metrics.ts';
import type { RequestPath } from './request-path.ts';

export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  readonly contentType: string;
  /** Whether the caller wants tables, as `kubectl get` does. */
  readonly wantsTable: boolean;
  readonly body: unknown;
}

export type ApiAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly body: unknown }
  /** Events until the caller goes. */
  | {
      readonly kind: 'watch';
      readonly path: RequestPath;
      readonly query: URLSearchParams;
      readonly wantsTable: boolean;
    };

export interface RouteParts {
  readonly store: ObjectStore;
  readonly nowMs: () => number;
  /** What each ready pod uses; without it there is no metrics API. */
  readonly usageOf?: ((pod: Pod) => Usage | undefined) | undefined;
  /** Counts how often tokens of lists have expired. */
  readonly pageGeneration: () => number;
}

/** With a body as JSON. */
export function answer(body: unknown, status = 200): ApiAnswer {
  return { kind: 'answer', status, body };
}

/** Where a path exists, and nobody may do that to it. */
export function notAllowed(method: string): ApiStatus {
  return new ApiStatus(
    405,
    'MethodNotAllowed',
    `the server does not allow ${method} on the requested resource`,
  );
}
