/** One thing that is wrong with a request. */
export interface Problem {
  /** The field, query parameter or header at fault, such as `groups[0].max_instances`. */
  readonly field: string;
  /** What it must be, and what it is. */
  readonly message: string;
}

/** Why a request isn't answered as asked, as a value; {@link refusalToHttp} writes it down. */
export type Refusal =
  | {
      readonly kind: 'invalid_request';
      readonly message: string;
      readonly field?: string;
      /** All that is wrong, where it is more than one thing. */
      readonly problems?: readonly Problem[];
    }
  | {
      readonly kind: 'unauthorized';
      readonly message: string;
      /** How to ask for a key in `WWW-Authenticate`; `Basic` makes a browser show its form. */
      readonly challenge: 'Basic' | 'Bearer';
    }
  | {
      readonly kind: 'method_not_allowed';
      readonly message: string;
      /** Methods that the path has. */
      readonly allow: readonly string[];
    }
  | {
      readonly kind:
        | 'forbidden'
        | 'not_found'
        | 'payload_too_large'
        | 'too_many_requests'
        | 'unsupported_media_type'
        | 'unavailable'
        | 'internal';
      readonly message: string;
    };

const STATUS: Readonly<Record<Refusal['kind'], number>> = Object.freeze({
  invalid_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  payload_too_large: 413,
  unsupported_media_type: 415,
  too_many_requests: 429,
  internal: 500,
  unavailable: 503,
});

/** A refusal in HTTP: `{"error": {"field"?, "message", "code", "problems"?}}`. */
export function refusalToHttp(refusal: Refusal): {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
} {
  const { kind: code, message } = refusal;
  return {
    status: STATUS[code],
    headers: headersOf(refusal),
    body: {
      error: {
        ...(refusal.kind === 'invalid_request' && refusal.field !== undefined
          ? { field: refusal.field }
          : {}),
        message,
        code,
        ...(refusal.kind === 'invalid_request' && refusal.problems ? { problems: refusal.problems } : {}),
      },
    },
  };
}

/** A refusal for these problems; the first of them stands for all. */
export function invalidRequest(problems: readonly [Problem, ...Problem[]]): Refusal {
  const [{ field, message }] = problems;
  return { kind: 'invalid_request', field, message, ...(problems.length > 1 ? { problems } : {}) };
}

function headersOf(refusal: Refusal): Readonly<Record<string, string>> {
  switch (refusal.kind) {
    case 'unauthorized':
      return { 'www-authenticate': `${refusal.challenge} realm="forebay-scaler"` };
    case 'method_not_allowed':
      return { allow: refusal.allow.join(', ') };
    case 'too_many_requests':
      return { 'retry-after': '60' };
    case 'unavailable':
      return { 'retry-after': '5' };
    default:
      return {};
  }
}
