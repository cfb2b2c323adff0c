import { request } from 'node:http';

/** Whether a replica answers that it is up. Never rejects. */
export type Ping = (healthUrl: string, signal: AbortSignal) => Promise<boolean>;

/** Longest answer that is read. */
const MAX_BYTES = 64 * 1024;

/** Asks on a connection of its own, for at most `timeoutMs`. */
export function httpPing(timeoutMs: number): Ping {
  return async (healthUrl, signal) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
      const { status, body } = await get(healthUrl, limit);
      return status === 200 && saysHealthy(body);
    } catch {
      return false; // refused, cut off, late: all the same to us
    }
  };
}

/** Whether no model in an answer to DJL's `/ping` is other than healthy: its server says 200 while it loads. Other bodies say nothing against it. */
export function saysHealthy(body: string): boolean {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return true;
  }
  if (typeof parsed !== 'object' || parsed === null) return true;
  return Object.values(parsed).every((model: unknown) => {
    const status =
      typeof model === 'object' && model !== null && 'status' in model ? model.status : undefined;
    return status === undefined || status === 'Healthy';
  });
}

function get(url: string, signal: AbortSignal): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: false, signal }, (answer) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (text: string) => {
        body += text;
        if (body.length > MAX_BYTES) answer.destroy(new Error('too long'));
      });
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    asked.on('error', reject).end();
  });
}
