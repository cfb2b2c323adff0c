import type { RouteClass } from '../admission/authorize.ts';
import type { Refusal } from '../refusal.ts';

/** One endpoint as a value; `app.ts` puts it on the wire. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** In Express's form: `/scaling/priorities/:id`. */
  readonly path: string;
  readonly access: RouteClass;
  answer(request: RouteRequest): Answer | Promise<Answer>;
}

/** What an endpoint gets to see. */
export interface RouteRequest {
  /** As it was parsed; undefined without one. */
  readonly body: unknown;
  readonly query: unknown;
  readonly params: Readonly<Record<string, string>>;
}

export type Answer =
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'text'; readonly contentType: string; readonly text: string }
  | Refusal;

/** A JSON answer. @default 200 */
export function json(body: unknown, status = 200): Answer {
  return { kind: 'json', status, body };
}
