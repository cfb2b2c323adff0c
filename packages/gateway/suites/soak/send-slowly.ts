import { type Agent, request as sendRequest } from 'node:http';
import type { Exchange } from '../../test/exchange.ts';

export interface Sent {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly agent: Agent;
  readonly signal: AbortSignal;
  /** Rest after each part of the answer that is read. @default none */
  readonly pauseMs?: number;
}

/** Posts JSON and reads the answer, with rests where the caller is a slow one. */
export function sendSlowly({ url, body, headers, agent, signal, pauseMs }: Sent): Promise<Exchange> {
  const all = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const sent = sendRequest(url, { method: 'POST', headers: all, agent, signal }, async (response) => {
      try {
        const parts: Buffer[] = [];
        for await (const part of response) {
          parts.push(part);
          if (pauseMs !== undefined) await new Promise((next) => setTimeout(next, pauseMs));
        }
        const text = Buffer.concat(parts).toString('utf8');
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, text, reusedSocket: sent.reusedSocket });
      } catch (error) {
        reject(error);
      }
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
