import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { JsonHttp } from '../drivers/json-http.ts';
import { ScalerError } from '../errors.ts';
import { within } from '../within.ts';
import { claimBody, type HostClaim } from './host-claim.ts';

/** Tells a claim once. Resolves, never rejects. */
export type SendClaim = (claim: HostClaim, signal: AbortSignal) => Promise<Sent>;

export type Sent =
  /** `state`: what the scaler takes the host for; undefined while it doesn't know it. */
  | { readonly kind: 'heard'; readonly state: string | undefined }
  | { readonly kind: 'failed'; readonly problem: string };

export interface SenderOptions {
  /** Base URLs of scalers that share a state: whoever hears it first is enough. */
  readonly scalers: readonly string[];
  readonly id: string;
  /** Asked for each request; may be undefined where none is needed. */
  readonly token: () => Promise<string | undefined>;
  readonly clock: Clock;
}

const TIMEOUT_MS = 5_000;

const answer = z.object({ state: z.string().optional() });
const refusal = z.object({ error: z.object({ message: z.string() }) });

/** Over HTTP to the first scaler that takes it, beginning with the one that did so last. */
export function httpSender({ scalers, id, token, clock }: SenderOptions): {
  readonly send: SendClaim;
  /** Lets go of connections. */
  close(): Promise<void>;
} {
  const headers = async (): Promise<Readonly<Record<string, string>>> => {
    const key = await token();
    return key === undefined ? {} : { authorization: `Bearer ${key}` };
  };
  let clients = scalers.map((url) => ({
    url,
    http: new JsonHttp({ baseUrl: url, platform: 'scaler', headers }),
  }));

  const tell = async (client: (typeof clients)[number], claim: HostClaim, signal: AbortSignal) => {
    const told = await within({ clock, timeoutMs: TIMEOUT_MS, signal }, async (limit): Promise<Sent> => {
      const body = claimBody(claim, clock.nowMs());
      const path = `/v1/hosts/${encodeURIComponent(id)}`;
      const { status, body: said } = await client.http.call({ method: 'POST', path, body }, limit);
      if (status === 200 || status === 202)
        return { kind: 'heard', state: answer.safeParse(said).data?.state };
      const why = refusal.safeParse(said).data?.error.message.slice(0, 300) ?? 'without a reason';
      return { kind: 'failed', problem: `${client.url} answered ${status}: ${why}` };
    });
    if (told.kind === 'done') return told.value;
    const problem =
      told.kind === 'late' ? `${client.url} did not answer within ${TIMEOUT_MS} ms` : 'it was called off';
    return { kind: 'failed', problem } satisfies Sent;
  };

  const send: SendClaim = async (claim, signal) => {
    const problems: string[] = [];
    for (const client of clients) {
      const sent = await tell(client, claim, signal).catch(
        (error: unknown): Sent => ({
          kind: 'failed',
          problem: error instanceof ScalerError ? error.message : String(error),
        }),
      );
      if (sent.kind === 'heard') {
        clients = [client, ...clients.filter((other) => other !== client)];
        return sent;
      }
      problems.push(sent.problem);
    }
    return { kind: 'failed', problem: problems.join('; ') };
  };
  return {
    send,
    async close() {
      await Promise.all(clients.map(({ http }) => http.close()));
    },
  };
}
