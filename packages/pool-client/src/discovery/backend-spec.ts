import { z } from 'zod';
import { BACKEND_CLASSES, type BackendClass, type BackendEntry } from '../backend-entry.ts';
import type { ProtocolName } from '../protocol/protocol.ts';

/** One backend as a caller gives it; all but the URL have defaults. */
export interface BackendSpec {
  /** `http://`, `https://`, or `dns+http://` for every address of a name; may carry the suffixes of `DJL_URLS`. */
  readonly url: string;
  /** At most 256 characters. @default host:port/model */
  readonly id?: string | undefined;
  /** @default 'default' */
  readonly class?: BackendClass | undefined;
  /** At most 256 characters. @default the one in the URL's path, else all that the server lists */
  readonly model?: string | undefined;
  /** 1 to 4096 chunks. @default 256 */
  readonly maxBatch?: number | undefined;
  /** 1 to 64 batches. @default 8 */
  readonly concurrency?: number | undefined;
  /** @default 'djl' */
  readonly protocol?: ProtocolName | undefined;
}

/** A {@link BackendSpec} of a list that others keep, such as the scaler's. */
export interface ListedBackendSpec extends BackendSpec {
  /** @default 'ready' */
  readonly state?: BackendEntry['state'] | undefined;
}

const PROTOCOLS: readonly ProtocolName[] = ['djl', 'openai', 'tei'];
const STATES: readonly BackendEntry['state'][] = ['starting', 'ready', 'draining'];

const fields = {
  url: z.string({ error: says('url must be a URL in a string') }),
  id: shortText('id').optional(),
  class: oneOf('class', BACKEND_CLASSES).optional(),
  model: shortText('model').optional(),
  maxBatch: wholeNumber('maxBatch', 1, 4096).optional(),
  concurrency: wholeNumber('concurrency', 1, 64).optional(),
  protocol: oneOf('protocol', PROTOCOLS).optional(),
};

/** What the library's options and `POST /admin/backends` take; refuses fields that it doesn't know. */
export const backendSpecSchema: z.ZodType<BackendSpec> = z.strictObject(fields, {
  error: (issue) =>
    issue.code === 'unrecognized_keys'
      ? `there is no ${issue.keys.join(' or ')}, allowed are ${Object.keys(fields).join(', ')}`
      : 'must be a URL or an object with a url',
});

/** What lists of backends hold; ignores fields that it doesn't know. */
export const listedBackendSchema: z.ZodType<ListedBackendSpec> = z.object(
  { ...fields, state: oneOf('state', STATES).optional() },
  { error: says('must be an object with a url') },
);

/** The problems of a value in one line, each naming its field and what is allowed. */
export function describeIssues(error: z.ZodError): string {
  return error.issues.map((issue) => issue.message).join('; ');
}

function says(text: string): (issue: { readonly input?: unknown }) => string {
  return (issue) => `${text}, got ${shorten(JSON.stringify(issue.input) ?? 'nothing')}`;
}

function wholeNumber(name: string, min: number, max: number) {
  const error = says(`${name} must be a whole number from ${min} to ${max}`);
  return z.int({ error }).min(min, { error }).max(max, { error });
}

function oneOf<const Value extends string>(name: string, values: readonly Value[]) {
  return z.enum(values, { error: says(`${name} must be one of ${values.join(', ')}`) });
}

function shortText(name: string) {
  const error = says(`${name} must be 1 to 256 characters, none of them control characters`);
  return z.string({ error }).regex(/^\P{Cc}{1,256}$/u, { error });
}

function shorten(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 120)}…`;
}
