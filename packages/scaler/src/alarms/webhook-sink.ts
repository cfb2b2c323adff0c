import { alarmRecord } from './alarm-record.ts';
import type { AlarmSink } from './alarm-sink.ts';
import { type PostJson, postJson } from './post-json.ts';

/** Posts every change as JSON. */
export function webhookSink(url: string, post: PostJson = postJson): AlarmSink {
  return {
    // Its path or query may be a secret.
    name: URL.parse(url)?.host ?? 'the webhook',
    wants: () => true,
    async send(change, signal) {
      try {
        const status = await post(url, alarmRecord(change), signal);
        if (status >= 200 && status < 300) return { kind: 'sent' };
        const isWorthRetrying = status >= 500 || status === 429 || status === 408;
        return { kind: 'failed', problem: `it answered ${status}`, isWorthRetrying };
      } catch (error) {
        return { kind: 'failed', problem: codeOf(error), isWorthRetrying: true };
      }
    },
    close: async () => undefined,
  };
}

/** Not the message, which may have the URL in it. */
function codeOf(error: unknown): string {
  const { code, name } = error as { readonly code?: string; readonly name?: string };
  return code ?? name ?? 'no answer';
}
