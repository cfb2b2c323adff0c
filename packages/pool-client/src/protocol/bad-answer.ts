import type { BatchOutcome, WireResponse } from './protocol.ts';
import { shorten, textOf } from './shorten.ts';

/**
 * The outcome for an answer that says success and is not `count` vectors. `fault` completes "Expected 3
 * vectors, …"; without it the message quotes the beginning of the body.
 */
export function badAnswer(response: WireResponse, count: number, fault?: string): BatchOutcome {
  const said = response.body.length === 0 ? 'an empty body' : textOf(response.body);
  const message = shorten(
    `Expected ${count} vectors, ${fault ?? `got HTTP ${response.status} with ${said}`}`,
  );
  return { kind: 'failure', failure: { kind: 'bad-answer', status: response.status, message } };
}
