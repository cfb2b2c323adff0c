import { hasExpectedVectors } from '../answer-check.ts';
import type { Outcome } from './caller.ts';
import { holdsVectors, type PreparedRequest } from './prepared-request.ts';

/** A request of an open loop that the load itself was too late for and never sent: no failure of whoever is measured. */
export const FELL_BEHIND = 'not sent: the load itself was late';

/** What came back to one stream. */
export interface StreamResult {
  readonly name: string;
  readonly kind: Loop;
  /** Texts of right answers, from the first request to the last. */
  readonly answeredChunks: number;
  /** Those whose answers came while counting. */
  readonly countedChunks: number;
  /** Texts of requests that were due while counting. */
  readonly dueChunks: number;
  /**
   * Of right answers to requests that were under way while counting, however late they came; in an open loop to those that were
   * due then, from the moment at which they were.
   */
  readonly latenciesMs: readonly number[];
  /** The same requests without a right answer, by what went wrong: a status, a broken connection, wrong vectors, no answer. */
  readonly failures: ReadonlyMap<string, number>;
  /** Answers whose every vector was compared. */
  readonly checked: number;
}

/** How long after the end of counting, when no new requests are sent, an answer is waited for. */
const GRACE_MS: Readonly<Record<Loop, number>> = { open: 1_000, closed: 10_000 };

type Loop = 'open' | 'closed';

/** Keeps the books of one stream. */
export class Ledger {
  readonly #name: string;
  readonly #kind: Loop;
  readonly #open = new Set<{ readonly sinceMs: number }>();
  readonly #latenciesMs: number[] = [];
  readonly #failures = new Map<string, number>();
  #fromMs = Number.POSITIVE_INFINITY;
  #toMs = Number.POSITIVE_INFINITY;
  #answeredChunks = 0;
  #countedChunks = 0;
  #dueChunks = 0;
  #checked = 0;

  constructor(name: string, kind: Loop) {
    this.#name = name;
    this.#kind = kind;
  }

  begin(nowMs: number): void {
    this.#fromMs = nowMs;
  }

  end(nowMs: number): void {
    this.#toMs = nowMs;
  }

  /** Whether there are unanswered requests, and time for them. */
  awaits(nowMs: number): boolean {
    return this.#open.size > 0 && nowMs < this.#toMs + GRACE_MS[this.#kind];
  }

  /** Notes a request; what comes back takes its outcome and says whether it is a right answer. */
  opened(request: PreparedRequest, sinceMs: number): (outcome: Outcome) => boolean {
    const entry = { sinceMs };
    this.#open.add(entry);
    const chunks = request.texts.length;
    if (this.#counts(sinceMs)) this.#dueChunks += chunks;
    return (outcome) => {
      const nowMs = performance.now();
      this.#open.delete(entry);
      const failure = this.#failureOf(outcome, request);
      const judged = this.#kind === 'open' ? this.#counts(sinceMs) : nowMs >= this.#fromMs;
      if (failure === undefined) {
        this.#answeredChunks += chunks;
        if (this.#counts(nowMs)) this.#countedChunks += chunks;
        if (judged) this.#latenciesMs.push(nowMs - sinceMs);
      } else if (judged || failure === WRONG) {
        // What the warm-up breaks is no failure of the counted time, but a wrong vector always is.
        this.#fail(failure);
      }
      return failure === undefined;
    };
  }

  /** Notes a request that was not sent before the end, and says whether it should have been: the load itself was too slow. */
  missed(request: PreparedRequest, dueMs: number): boolean {
    if (!this.#counts(dueMs)) return false;
    this.#dueChunks += request.texts.length;
    this.#fail(FELL_BEHIND);
    return true;
  }

  result(): StreamResult {
    const unanswered = [...this.#open].filter(
      ({ sinceMs }) => this.#kind === 'closed' || this.#counts(sinceMs),
    );
    this.#fail(`no answer ${GRACE_MS[this.#kind] / 1_000} s after the end`, unanswered.length);
    return {
      name: this.#name,
      kind: this.#kind,
      answeredChunks: this.#answeredChunks,
      countedChunks: this.#countedChunks,
      dueChunks: this.#dueChunks,
      latenciesMs: this.#latenciesMs,
      failures: this.#failures,
      checked: this.#checked,
    };
  }

  #counts(momentMs: number): boolean {
    return momentMs >= this.#fromMs && momentMs <= this.#toMs;
  }

  #failureOf(outcome: Outcome, request: PreparedRequest): string | undefined {
    if (outcome.kind === 'unsent') return 'no free connection';
    if (outcome.kind === 'broken') return outcome.why;
    const { status, body } = outcome.answer;
    if (status !== 200) return `status ${status}`;
    this.#checked += 1;
    if (holdsVectors(body, request.vectors)) return undefined;
    // Spaced otherwise it would still be right.
    return hasExpectedVectors(Buffer.concat(body).toString('latin1'), request.texts) ? undefined : WRONG;
  }

  #fail(why: string, count = 1): void {
    if (count > 0) this.#failures.set(why, (this.#failures.get(why) ?? 0) + count);
  }
}

const WRONG = 'wrong vectors';
