import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import { isoTime } from '../records/decision-record.ts';
import type { AlarmChange } from './alarm.ts';
import { type PostJson, postJson } from './post-json.ts';

export interface AlarmNotifierParts {
  /** Where changes are posted as JSON. @default nowhere, they are only logged */
  readonly webhookUrl?: string | undefined;
  readonly log: Logger;
  readonly clock: Clock;
  /** @default over node:http and node:https */
  readonly post?: PostJson;
}

/** Each attempt may take that long. */
const TIMEOUT_MS = 5_000;
/** Waits before the second and the third attempt. */
const RETRY_AFTER_MS = [1_000, 4_000];
/** More changes than this wait for nobody: the receiver is down, and the log has them. */
const MAX_WAITING = 100;

/** Says changes of alarms in the log and to a webhook, one after the other, while whoever tells of them goes on. */
export class AlarmNotifier {
  readonly #parts: AlarmNotifierParts;
  readonly #closed = new AbortController();
  #sending: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(parts: AlarmNotifierParts) {
    this.#parts = parts;
  }

  /** Returns at once and never throws. */
  notify(change: AlarmChange): void {
    const { webhookUrl, log } = this.#parts;
    const { settings, state, from } = change;
    const level = state.name === 'ALARM' ? 'warn' : 'info';
    log[level](
      alarmRecord(change),
      `Alarm ${settings.name} went from ${from} to ${state.name}: ${state.because}`,
    );
    if (webhookUrl === undefined || this.#closed.signal.aborted) return;
    if (this.#waiting >= MAX_WAITING) {
      log.error({ alarm: settings.name }, `${MAX_WAITING} changes wait for the webhook: this one isn't sent`);
      return;
    }
    this.#waiting += 1;
    this.#sending = this.#sending.then(async () => {
      await this.#send(webhookUrl, change);
      this.#waiting -= 1;
    });
  }

  /** Gives up what isn't sent yet; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#sending;
  }

  async #send(url: string, change: AlarmChange): Promise<void> {
    const { log, clock } = this.#parts;
    const body = alarmRecord(change);
    // Its path or query may be a secret.
    const receiver = URL.parse(url)?.host ?? 'the webhook';
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await this.#attempt(url, body);
      if (this.#closed.signal.aborted || outcome.kind === 'sent') return;
      const waitMs = RETRY_AFTER_MS[attempt];
      if (!outcome.isWorthRetrying || waitMs === undefined) {
        const tries = attempt === 0 ? '1 try' : `${attempt + 1} tries`;
        const { name } = change.settings;
        log.error(
          { alarm: name },
          `Alarm ${name} was not taken by ${receiver} in ${tries}: ${outcome.problem}`,
        );
        return;
      }
      await clock.sleep(waitMs, this.#closed.signal);
    }
  }

  async #attempt(url: string, body: unknown): Promise<Outcome> {
    const { clock, post = postJson } = this.#parts;
    const deadline = new AbortController();
    const answered = new AbortController();
    const signal = AbortSignal.any([deadline.signal, this.#closed.signal]);
    void clock.sleep(TIMEOUT_MS, AbortSignal.any([answered.signal, signal])).then(() => deadline.abort());
    try {
      const status = await post(url, body, signal);
      if (status >= 200 && status < 300) return { kind: 'sent' };
      const isWorthRetrying = status >= 500 || status === 429 || status === 408;
      return { kind: 'failed', problem: `it answered ${status}`, isWorthRetrying };
    } catch (error) {
      const problem = deadline.signal.aborted ? `no answer in ${TIMEOUT_MS} ms` : codeOf(error);
      return { kind: 'failed', problem, isWorthRetrying: true };
    } finally {
      answered.abort();
    }
  }
}

type Outcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'failed'; readonly problem: string; readonly isWorthRetrying: boolean };

/** A change as log and webhook say it. */
function alarmRecord({ settings, from, state }: AlarmChange): Readonly<Record<string, unknown>> {
  return {
    alarm: settings.name,
    group: settings.group,
    signal: settings.signal,
    state: state.name,
    previous_state: from,
    reason: state.because,
    comparison: settings.comparison,
    threshold: settings.threshold,
    periods: settings.periods,
    period_seconds: settings.periodSeconds,
    at: isoTime(state.sinceMs),
  };
}

/** Not the message, which may have the URL in it. */
function codeOf(error: unknown): string {
  const { code, name } = error as { readonly code?: string; readonly name?: string };
  return code ?? name ?? 'no answer';
}
