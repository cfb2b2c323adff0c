import { longCanary, shortCanaries } from '../identity/canary-texts.ts';
import { type Fingerprint, fingerprintOf } from '../identity/fingerprint.ts';
import { toNumbers } from '../protocol/vector-bytes.ts';
import { canaryFlawOf } from './answer-check.ts';
import { exchange, type SendResult, type Server } from './exchange.ts';

export type FingerprintTaken =
  | { readonly kind: 'taken'; readonly fingerprint: Fingerprint }
  /** An answer that was none, or not right in itself. */
  | { readonly kind: 'not taken'; readonly result: Exclude<SendResult, { kind: 'vectors' }> };

/**
 * Has a backend embed the canary texts: the short ones in as few requests as `maxBatch` lets them, and the long one alone, since servers pad
 * the others to it. Never rejects.
 */
export async function takeFingerprint(server: Server, maxBatch: number): Promise<FingerprintTaken> {
  const canaryServer: Server = { ...server, verify: canaryFlawOf };
  const short: number[][] = [];
  let most = maxBatch;
  while (short.length < shortCanaries.length) {
    const texts = shortCanaries.slice(short.length, short.length + most);
    const result = await exchange(canaryServer, texts);
    if (result.kind === 'vectors') short.push(...result.vectors.map(toNumbers));
    // A server may have a limit that nobody told us.
    else if (result.kind === 'failed' && result.reason === 'too-large' && texts.length > 1) {
      most = Math.floor(texts.length / 2);
    } else return { kind: 'not taken', result };
  }
  const long = await exchange(canaryServer, [longCanary]);
  if (long.kind === 'failed' && (long.reason === 'input' || long.reason === 'too-large')) {
    return { kind: 'taken', fingerprint: fingerprintOf(short, 'refused') };
  }
  const [vector] = long.kind === 'vectors' ? long.vectors : [];
  if (long.kind !== 'vectors' || !vector) {
    return { kind: 'not taken', result: long as Exclude<SendResult, { kind: 'vectors' }> }; // an answer to one text has one vector
  }
  return { kind: 'taken', fingerprint: fingerprintOf(short, toNumbers(vector)) };
}
