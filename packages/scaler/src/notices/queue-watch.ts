import type { QueueMessage, SqsApi } from '../aws/sqs-api.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { Random } from '../random.ts';
import type { ReplicaReport } from '../values/replica-report.ts';
import { parseNotice } from './parse-notice.ts';

/** What became of a message. */
export type NoticeOutcome = 'kept' | 'nothing' | 'unknown' | 'broken' | 'failed';

export interface QueueWatchParts {
  readonly url: string;
  readonly sqs: Pick<SqsApi, 'receive' | 'delete'>;
  /** Stores a report, throwing when it can't; false where it is of no use. */
  readonly keep: (report: ReplicaReport) => boolean;
  /** Asks for a tick now. */
  readonly wake: () => void;
  readonly count: (outcome: NoticeOutcome) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

const WAIT_SECONDS = 20;
const MAX_MESSAGES = 10;
/** A queue that answers "nothing" without waiting isn't asked more often. */
const LEAST_WAIT_MS = 1_000;
const LONGEST_BACK_OFF_MS = 60_000;
const DELETE_MS = 10_000;
/** Kinds of events that are logged once; more than these are no names. */
const MAX_UNKNOWN_KINDS = 100;

/** Turns the messages of one queue into reports. A message is deleted once what it says is stored: lost it never is, and heard twice it does no harm. */
export class QueueWatch {
  readonly #parts: QueueWatchParts;
  readonly #unknownKinds = new Set<string>();
  #failures = 0;

  constructor(parts: QueueWatchParts) {
    this.#parts = parts;
  }

  /** Until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#parts;
    while (!signal.aborted) {
      const beganMs = clock.nowMs();
      try {
        const isEmpty = await this.#turn(signal);
        this.#works();
        const leftMs = LEAST_WAIT_MS - (clock.nowMs() - beganMs);
        if (isEmpty && leftMs > 0) await clock.sleep(leftMs, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#fails(error);
        const most = Math.min(LONGEST_BACK_OFF_MS, LEAST_WAIT_MS * 2 ** Math.min(this.#failures - 1, 16));
        await clock.sleep(most * (0.5 + random() / 2), signal);
      }
    }
  }

  /** Whether there was nothing. */
  async #turn(signal: AbortSignal): Promise<boolean> {
    const { url, sqs, wake } = this.#parts;
    const messages = await sqs.receive(url, { maxMessages: MAX_MESSAGES, waitSeconds: WAIT_SECONDS }, signal);
    const outcomes = messages.map((message) => ({ message, ...this.#take(message) }));
    if (outcomes.some(({ outcome }) => outcome === 'kept')) wake();
    const done = outcomes.filter(({ outcome }) => outcome !== 'failed');
    if (done.length > 0) await this.#delete(done.map(({ message }) => message.receipt));
    const failed = outcomes.find(({ outcome }) => outcome === 'failed');
    if (failed !== undefined) throw failed.error;
    return messages.length === 0;
  }

  /** Under a deadline of its own: what is stored is deleted also while the scaler is told to stop. */
  async #delete(receipts: readonly string[]): Promise<void> {
    const { url, sqs, clock } = this.#parts;
    const deadline = new AbortController();
    const answered = new AbortController();
    void clock
      .sleep(DELETE_MS, answered.signal)
      .then(() => deadline.abort(new Error(`no answer within ${DELETE_MS} ms`)));
    try {
      await sqs.delete(url, receipts, deadline.signal);
    } finally {
      answered.abort();
    }
  }

  #take({ id, body }: QueueMessage): { readonly outcome: NoticeOutcome; readonly error?: unknown } {
    const { keep, count, clock, log, url } = this.#parts;
    const notice = parseNotice(body, clock.nowMs());
    let outcome: NoticeOutcome = 'nothing';
    switch (notice.kind) {
      case 'reports':
        try {
          for (const report of notice.reports) {
            if (!keep(report)) continue;
            outcome = 'kept';
            log.info({ report }, `${report.about} is leaving: ${report.because}`);
          }
        } catch (error) {
          count('failed');
          return { outcome: 'failed', error };
        }
        break;
      case 'unknown':
        outcome = 'unknown';
        this.#logUnknown(notice.detailType.slice(0, 200));
        break;
      case 'broken':
        outcome = 'broken';
        log.warn({ queue: url, id }, `a message is thrown away: ${notice.problem}`);
        break;
      case 'nothing':
        break;
    }
    count(outcome);
    return { outcome };
  }

  #logUnknown(detailType: string): void {
    if (this.#unknownKinds.has(detailType) || this.#unknownKinds.size >= MAX_UNKNOWN_KINDS) return;
    this.#unknownKinds.add(detailType);
    const { log, url } = this.#parts;
    log.warn(
      { queue: url, detailType },
      `events "${detailType}" say nothing here and are thrown away: leave them out of the rule`,
    );
  }

  #fails(error: unknown): void {
    this.#failures += 1;
    const { log, url } = this.#parts;
    if (this.#failures > 1) return;
    const because = error instanceof Error ? error.message : String(error);
    log.error({ queue: url, err: error }, `notices are not heard while this is so: ${because}`);
  }

  #works(): void {
    const { log, url } = this.#parts;
    if (this.#failures > 0) log.info({ queue: url, failures: this.#failures }, 'notices are heard again');
    this.#failures = 0;
  }
}
