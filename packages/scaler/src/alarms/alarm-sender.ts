import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { AlarmChange } from './alarm.ts';
import type { AlarmOutcome, AlarmSink } from './alarm-sink.ts';

export interface AlarmSenderParts {
  readonly sink: AlarmSink;
  readonly log: Logger;
  readonly clock: Clock;
}

/** Each attempt may take that long. */
const TIMEOUT_MS = 5_000;
/** Waits before the second attempt and those after it: the network, or who takes calls of people, may be away for a minute. */
const RETRY_AFTER_MS = [1_000, 4_000, 15_000, 60_000];
/** More changes than this wait for nobody: the receiver is down, and the log has them. */
const MAX_WAITING = 100;

/** Tells one sink of changes, one after the other, while whoever hands them over goes on. */
export class AlarmSender {
  readonly #parts: AlarmSenderParts;
  readonly #closed = new AbortController();
  #sending: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(parts: AlarmSenderParts) {
    this.#parts = parts;
  }

  /** Returns at once and never throws. */
  send(change: AlarmChange): void {
    const { sink, log } = this.#parts;
    if (this.#closed.signal.aborted || !sink.wants(change)) return;
    if (this.#waiting >= MAX_WAITING) {
      log.error(
        { alarm: change.settings.name },
        `${MAX_WAITING} changes wait for ${sink.name}: this one isn't sent`,
      );
      return;
    }
    this.#waiting += 1;
    this.#sending = this.#sending.then(async () => {
      await this.#try(change);
      this.#waiting -= 1;
    });
  }

  /** Gives up what isn't sent yet; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#sending;
    await this.#parts.sink.close();
  }

  async #try(change: AlarmChange): Promise<void> {
    const { sink, log, clock } = this.#parts;
    for (let attempt = 0; ; attempt += 1) {
      if (this.#closed.signal.aborted) return;
      const outcome = await this.#attempt(change);
      if (this.#closed.signal.aborted || outcome.kind === 'sent') return;
      const waitMs = RETRY_AFTER_MS[attempt];
      if (!outcome.isWorthRetrying || waitMs === undefined) {
        const tries = attempt === 0 ? '1 try' : `${attempt + 1} tries`;
        const { name } = change.settings;
        log.error(
          { alarm: name },
          `Alarm ${name} was not taken by ${sink.name} in ${tries}: ${outcome.problem}`,
        );
        return;
      }
      await clock.sleep(waitMs, this.#closed.signal);
    }
  }

  async #attempt(change: AlarmChange): Promise<AlarmOutcome> {
    const { sink, clock } = this.#parts;
    const deadline = new AbortController();
    const answered = new AbortController();
    const signal = AbortSignal.any([deadline.signal, this.#closed.signal]);
    void clock.sleep(TIMEOUT_MS, AbortSignal.any([answered.signal, signal])).then(() => deadline.abort());
    const outcome = await sink.send(change, signal);
    const isLate = deadline.signal.aborted;
    answered.abort();
    if (outcome.kind === 'sent' || !isLate) return outcome;
    return { kind: 'failed', problem: `no answer in ${TIMEOUT_MS} ms`, isWorthRetrying: true };
  }
}
