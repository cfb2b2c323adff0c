import type { Clock } from '../clock.ts';
import { saysHealthy } from '../drivers/process/ping.ts';
import { getText } from '../signals/get-text.ts';
import type { ProbeOutcome } from './host-health.ts';

/** Asks the model server once. Resolves, never rejects. */
export type Probe = (signal: AbortSignal) => Promise<ProbeOutcome>;

const TIMEOUT_MS = 3_000;
const MAX_BYTES = 65_536;

/** GETs the URL: 200 to 299 is well, unless DJL's answer says of a model that it isn't healthy. */
export function httpProbe(url: string, clock: Clock): Probe {
  return async (signal) => {
    const got = await getText(url, { clock, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES, signal });
    if (got.kind === 'failed') return { kind: 'silent', because: `${url} ${got.reason}` };
    if (got.status < 200 || got.status > 299)
      return { kind: 'unwell', because: `${url} answered ${got.status}` };
    if (saysHealthy(got.text)) return { kind: 'well' };
    return { kind: 'unwell', because: `${url} answered that a model is not healthy` };
  };
}
