import { type Deadline, within } from '../within.ts';

export type GotText =
  | { readonly kind: 'answered'; readonly status: number; readonly text: string }
  /** Whole sentences about the URL, without it: `could not be reached: ECONNREFUSED`. */
  | { readonly kind: 'failed'; readonly reason: string };

export interface GetTextOptions extends Deadline {
  /** More than that, decompressed, is a failure. */
  readonly maxBytes: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** GETs a text, following no redirect. Never rejects. */
export async function getText(url: string, options: GetTextOptions): Promise<GotText> {
  try {
    const got = await within(options, (signal) => get(url, options, signal));
    switch (got.kind) {
      case 'done':
        return got.value;
      case 'late':
        return failed(`did not answer within ${options.timeoutMs} ms`);
      case 'aborted':
        return failed('was not waited for: the scaler is stopping');
    }
  } catch (error) {
    return failed(`could not be reached: ${causeOf(error)}`);
  }
}

async function get(
  url: string,
  { maxBytes, headers }: GetTextOptions,
  signal: AbortSignal,
): Promise<GotText> {
  // biome-ignore lint/style/noRestrictedGlobals: this file is its owner
  const response = await fetch(url, { signal, redirect: 'manual', ...(headers && { headers }) });
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > maxBytes) return failed(`answered more than ${maxBytes} bytes`);
    parts.push(part);
  }
  return { kind: 'answered', status: response.status, text: Buffer.concat(parts).toString('utf8') };
}

/** `fetch failed` says nothing; its cause does. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error) {
    return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
  }
  return error.message;
}

function failed(reason: string): GotText {
  return { kind: 'failed', reason };
}
