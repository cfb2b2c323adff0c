import type { Deadline } from '../within.ts';
import type { GatewayReading } from './gateway-reading.ts';
import { getText } from './get-text.ts';
import { toGatewayReading } from './to-gateway-reading.ts';

/** A scrape of a gateway with a thousand backends has a twentieth of it. */
const MAX_BYTES = 8 * 1024 * 1024;

/** Longest wait for one scrape. */
export const SCRAPE_TIMEOUT_MS = 3_000;

/** Scrapes one gateway; `url` is that of its `/metrics`. Never rejects: what went wrong is in the reading. */
export async function readGateway(
  url: string,
  { clock, signal, timeoutMs = SCRAPE_TIMEOUT_MS, maxBytes = MAX_BYTES }: ReadGatewayOptions,
): Promise<GatewayReading> {
  const beganAtMs = clock.nowMs();
  const failed = (problem: string): GatewayReading => ({
    kind: 'failed',
    gateway: url,
    beganAtMs,
    reason: `${url} ${problem}`,
  });
  const got = await getText(url, { clock, signal, timeoutMs, maxBytes });
  if (got.kind === 'failed') return failed(got.reason);
  if (got.status !== 200) return failed(`answered ${got.status}`);
  return toGatewayReading(url, beganAtMs, got.text);
}

export interface ReadGatewayOptions extends Omit<Deadline, 'timeoutMs'> {
  /** @default 3000 */
  readonly timeoutMs?: number;
  /** Largest body, decompressed. @default 8 MiB */
  readonly maxBytes?: number;
}
