import type { BackendEntry } from '../backend-entry.ts';
import type { BackendView } from '../balancing/backend-view.ts';
import type { Clock } from '../clock.ts';
import { FIRST_BATCH_LIMIT, TRIAL_CHUNKS } from '../cost/class-costs.ts';
import type { BatchShape } from '../cost/cost-model.ts';
import type { Fingerprint } from '../identity/fingerprint.ts';
import { controlText } from '../protocol/control-text.ts';
import type { Protocol } from '../protocol/protocol.ts';
import { toNumbers } from '../protocol/vector-bytes.ts';
import { withoutQuotes } from '../protocol/without-quotes.ts';
import type { Random } from '../random.ts';
import type { Transport } from '../wire/transport.ts';
import { AnswerCheck } from './answer-check.ts';
import type { BackendState } from './backend-state.ts';
import { BatchTimeouts } from './batch-timeouts.ts';
import type { BreakerParts } from './breaker.ts';
import { exchange, type SendResult, type Server } from './exchange.ts';
import { type Limiter, limiter } from './limiter.ts';
import { Pace } from './pace.ts';
import { Standing } from './standing.ts';
import { takeFingerprint } from './take-fingerprint.ts';

export interface BackendParts {
  readonly clock: Clock;
  readonly transport: Transport;
  readonly protocol: Protocol;
  /** Longest wait for one batch, in milliseconds. */
  readonly batchTimeoutMs: number;
  readonly random: Random;
  /** What the other backends of its model do. */
  readonly others: BreakerParts['others'];
  readonly verify: 'fast' | 'full';
  /** Has it embed the canary texts, and lets it in by `admit` or turns it away by `refuse`. Never rejects. */
  readonly examine: (backend: Backend) => Promise<void>;
  /** Called when it may have more room than it seemed to have. */
  readonly onRoom: () => void;
  /** Called when the state may have changed. */
  readonly onChange: (backend: Backend, reason: string) => void;
}

/**
 * Longest wait for the answer to a probe, in milliseconds, of a backend that is known to take a small part of that for it: it may stand
 * in line behind two batches. Others have as long as for any batch.
 */
const QUICK_PROBE = { timeoutMs: 2_000, times: 20 };

/** Longest wait for an answer to canary texts, in milliseconds: the first of an engine takes seconds, and one that hangs is asked again. */
const EXAMINATION_MS = 10_000;

/** A batch that takes so many times as long as a full one should, and at least so many milliseconds, is not being worked on. */
const LASTING = { times: 10, leastMs: 1_000 };

/** One model server that batches are sent to. */
export class Backend {
  readonly id: string;
  readonly standing: Standing;
  #entry: BackendEntry;
  readonly #parts: BackendParts;
  readonly #limiter: Limiter;
  readonly #server: Server;
  readonly #prober: Server;
  readonly #examiner: Server;
  readonly #closed = new AbortController();
  #openChunks = 0;
  /** Whether a batch of it is overdue by far, and it has not answered a probe since. */
  #silent = false;
  /** When the last probe was sent that it answered, on the pool's clock. */
  #wellMs = Number.NEGATIVE_INFINITY;
  readonly #pace: Pace;
  readonly #check: AnswerCheck;

  constructor(entry: BackendEntry, parts: BackendParts) {
    this.id = entry.id;
    this.#entry = entry;
    this.#parts = parts;
    this.#pace = new Pace(entry);
    this.#limiter = limiter(this.#pace.maxInFlight);
    this.#check = new AnswerCheck(parts.verify);
    this.standing = new Standing(entry.state, {
      ...parts,
      onChange: ({ reason, reinstated }) => {
        if (reinstated) this.#pace.startSlowly();
        parts.onChange(this, reason);
      },
    });
    const { pathname, search } = new URL(entry.url);
    this.#server = {
      clock: parts.clock,
      transport: parts.transport,
      protocol: parts.protocol,
      model: entry.model,
      path: pathname.replace(/\/$/, '') + search,
      timeouts: new BatchTimeouts(parts.clock, parts.batchTimeoutMs, this.#closed.signal),
      closed: this.#closed.signal,
      verify: (vectors) => this.#check.flawOf(vectors, this.state === 'serving'),
    };
    const within = (timeoutMs: number): Server => ({
      ...this.#server,
      timeouts: new BatchTimeouts(
        parts.clock,
        Math.min(timeoutMs, parts.batchTimeoutMs),
        this.#closed.signal,
      ),
    });
    this.#prober = within(QUICK_PROBE.timeoutMs);
    this.#examiner = within(EXAMINATION_MS);
  }

  get entry(): BackendEntry {
    return this.#entry;
  }

  get state(): BackendState {
    return this.standing.state;
  }

  /** Chunks sent and unanswered, and those of given-up batches that it may still be at work on. */
  get inFlightChunks(): number {
    return this.#openChunks + this.#pace.ghostChunks(this.#parts.clock.nowMs());
  }

  /** Chunks sent and unanswered. */
  get openChunks(): number {
    return this.#openChunks;
  }

  /** Dimensions of the vectors it sends; undefined before the first. */
  get dimensions(): number | undefined {
    return this.#check.dimensions;
  }

  /** What it learned of itself; the numbers are the class's until it was measured. */
  get learned(): Pick<Pace, 'chunksPerSecond' | 'residual' | 'measured'> {
    return this.#pace;
  }

  /** Ends when the backend was closed. */
  get signal(): AbortSignal {
    return this.#closed.signal;
  }

  view(): BackendView {
    const view = this.#pace.view(this.id, this.#entry.class, this.#parts.clock.nowMs());
    if (this.state === 'serving') return view;
    // Tried because no other serves: with little, and never more than one at a time.
    const batchLimit = Math.min(FIRST_BATCH_LIMIT, view.batchLimit);
    return { ...view, batchLimit, workers: 1, knownWorkers: 1, measured: false, trialDue: false };
  }

  /** Predicted milliseconds until the answer to a batch that would leave now; `longest` as for `send`. */
  expectMs(chunks: number, longest: number): number {
    return this.#pace.expectMs({ chunks, paddedCharacters: chunks * longest }, this.#parts.clock.nowMs());
  }

  /** Takes over what its source says now; the id stays. */
  update(entry: BackendEntry): void {
    this.#entry = entry;
    this.#pace.setMaxBatch(entry.maxBatch);
    this.standing.listedAs(entry.state);
  }

  /**
   * Sends one batch and waits for its end; never rejects. What came of it counts for the breaker and teaches the pace. `longest` is
   * the length of its longest text in characters; `workWaits` is asked at its end whether more is queued for this backend.
   */
  async send(
    texts: readonly string[],
    longest: number,
    workWaits: () => boolean = () => false,
  ): Promise<SendResult> {
    const { clock } = this.#parts;
    const shape: BatchShape = { chunks: texts.length, paddedCharacters: texts.length * longest };
    const flight = this.#pace.sent(shape, clock.nowMs());
    this.#openChunks += texts.length;
    const result = await this.#limiter.run(() => exchange(this.#server, texts));
    this.#openChunks -= texts.length;
    this.standing.ended(result);
    const nowMs = clock.nowMs();
    // What was given up because it answered something later is no ghost: it was lost.
    const isGhost = result.kind === 'failed' && result.reason === 'timeout' && flight.sentMs >= this.#wellMs;
    if (isGhost) this.#pace.abandoned(flight, nowMs);
    else this.#pace.ended(flight, nowMs, result.kind !== 'failed', workWaits());
    if (result.kind === 'failed' && result.reason === 'too-large') this.#pace.refused(texts.length);
    return result.kind === 'failed' || this.standing.trusted ? result : this.#afterExamination(result);
  }

  /**
   * The first vectors of one that nobody knows, or that may have been exchanged, are worth what its canaries are; those of one that was
   * turned away meanwhile nothing.
   */
  async #afterExamination(result: SendResult): Promise<SendResult> {
    const { standing } = this;
    if (!standing.refused) await this.#parts.examine(this);
    if (standing.trusted) return result;
    const message = `its vectors are not used: ${withoutQuotes(standing.lastProblem ?? standing.reason)}`;
    const { durationMs } = result;
    return {
      kind: 'failed',
      reason: 'misconfigured',
      message,
      retryAfterMs: undefined,
      notUp: false,
      durationMs,
    };
  }

  /** Sends a few texts of our own, of the usual length, to see how fast it is now. Never rejects. */
  async trial(): Promise<void> {
    const characters = Math.max(controlText.length, Math.round(this.#pace.usualCharacters));
    const text = controlText.repeat(Math.ceil(characters / controlText.length)).slice(0, characters);
    await this.send(
      Array.from({ length: TRIAL_CHUNKS }, () => text),
      characters,
    );
  }

  /** Whether it embeds a harmless text: tells a sick backend from a bad text. Never rejects. */
  async probe(): Promise<boolean> {
    const { standing } = this;
    if (!standing.proven || (!standing.trusted && !standing.refused)) {
      await this.#parts.examine(this);
      return standing.trusted;
    }
    const sentMs = this.#parts.clock.nowMs();
    const usualMs = this.#pace.predictMs({ chunks: 1, paddedCharacters: controlText.length });
    const isQuick = usualMs * QUICK_PROBE.times <= QUICK_PROBE.timeoutMs;
    // Beside the limiter: what hangs there is what the probe asks about.
    const answer = await exchange(isQuick ? this.#prober : this.#server, [controlText]);
    const [vector] = answer.kind === 'vectors' ? answer.vectors : [];
    const isOther = vector !== undefined && !standing.isItself(toNumbers(vector));
    standing.probed(isOther ? { ...answer, ...NOT_ITSELF } : answer);
    if (isOther || answer.kind !== 'vectors') return false;
    this.#wellMs = sentMs;
    this.#pace.forgetGhosts(this.#parts.clock.nowMs());
    // It answers what came later, so what it is silent about was lost.
    const { timeouts } = this.#server;
    if (this.#silent) timeouts.giveUpBegunBefore(sentMs - this.#lastingMs);
    // What is left may still be worked on: until then it is asked again.
    this.#silent &&= (timeouts.oldestBegunMs ?? sentMs) < sentMs;
    this.#parts.onRoom();
    return true;
  }

  /** Has it embed the canary texts; undefined when it does not, which counts like a failed probe. Never rejects. */
  async takeFingerprint(): Promise<Fingerprint | undefined> {
    const taken = await takeFingerprint(this.#examiner, this.#entry.maxBatch);
    if (taken.kind === 'taken') {
      this.standing.answered();
      return taken.fingerprint;
    }
    this.standing.probed(taken.result);
    return undefined;
  }

  /** Lets it in: it embeds the canary texts as its model should, and all its answers must be like this one. */
  admit(fingerprint: Fingerprint): void {
    this.#check.expect(fingerprint);
    this.standing.admit(fingerprint);
  }

  /** Lets it in again as it was when it was last examined: it was turned away, and the reference is another now. */
  pardon(fingerprint: Fingerprint): void {
    this.#check.expect(fingerprint);
    this.standing.pardon(fingerprint);
  }

  /** Whether it is to be asked if it is well: it has not answered what it was sent for far too long, or may be at work on what was given up. */
  get inDoubt(): boolean {
    return this.#silent || this.#pace.ghostChunks(this.#parts.clock.nowMs()) > 0;
  }

  /** Longer than this, in milliseconds, no batch takes that is being worked on. */
  get #lastingMs(): number {
    const { baseMs, perChunkMs, batchLimit } = this.view();
    return Math.max(LASTING.leastMs, LASTING.times * (baseMs + perChunkMs * batchLimit));
  }

  /** One of its batches is overdue by far. */
  blameSilence(): void {
    this.#silent = true;
    this.standing.blame('silent');
  }

  /** Closes its connections; batches under way end as `aborted`. */
  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    this.standing.close();
    await this.#parts.transport.close();
  }
}

/** What a probe comes to that was answered with a vector of another model. */
const NOT_ITSELF = {
  kind: 'failed',
  reason: 'bad-answer',
  message: 'it embeds the control text otherwise than when it was let in',
  retryAfterMs: undefined,
  notUp: false,
} as const;
