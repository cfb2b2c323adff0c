import type { Clock } from '../clock.ts';
import type { WireResponse } from '../protocol/protocol.ts';
import type { Transport } from '../wire/transport.ts';

/** What a GET came to; `problem` reads on after the URL that was asked. */
export type GetOutcome =
  | { readonly kind: 'answer'; readonly response: WireResponse }
  | { readonly kind: 'failed'; readonly problem: string };

/** One GET that gives up after `timeoutMs`, or when `signal` is aborted; an answer other than 200 is a failure. */
export async function getWithin(
  transport: Transport,
  request: { readonly path: string; readonly headers: Readonly<Record<string, string>> },
  timeoutMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<GetOutcome> {
  const late = new AbortController();
  const done = new AbortController();
  void clock.sleep(timeoutMs, done.signal).then(() => {
    if (!done.signal.aborted) late.abort();
  });
  try {
    const either = AbortSignal.any([signal, late.signal]);
    const response = await transport.send({ method: 'GET', ...request, signal: either });
    return response.status === 200
      ? { kind: 'answer', response }
      : { kind: 'failed', problem: `answered ${response.status}` };
  } catch (error) {
    if (late.signal.aborted) return { kind: 'failed', problem: `gave no answer within ${timeoutMs} ms` };
    return { kind: 'failed', problem: `failed: ${error instanceof Error ? error.message : String(error)}` };
  } finally {
    done.abort();
  }
}
