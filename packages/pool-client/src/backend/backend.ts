import type { BackendEntry } from '../backend-entry.ts';
import type { BackendView } from '../balancing/backend-view.ts';
import type { Clock } from '../clock.ts';
import { FIRST_BATCH_LIMIT, TRIAL_CHUNKS } from '../cost/class-costs.ts';
import type { BatchShape } from '../cost/cost-model.ts';
import type { BatchFailureReason } from '../events.ts';
import { areAlike } from '../identity/compare-fingerprints.ts';
import type { Fingerprint } from '../identity/fingerprint.ts';
import { controlText } from '../protocol/control-text.ts';
import type { Protocol } from '../protocol/protocol.ts';
import { toNumbers } from '../protocol/vector-bytes.ts';
import { withoutQuotes } from '../protocol/without-quotes.ts';
import type { Random } from '../random.ts';
import type { Transport } from '../wire/transport.ts';
import { AnswerCheck } from './answer-check.ts';
import { type BackendState, backendState } from './backend-state.ts';
import { BatchTimeouts } from './batch-timeouts.ts';
import { type Breaker, type BreakerParts, type BreakerState, breaker } from './breaker.ts';
import { exchange, type SendResult, type Server } from './exchange.ts';
import { type Limiter, limiter } from './limiter.ts';
import { Pace } from './pace.ts';
import { Rest } from './rest.ts';
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
  /** Called when the state may have changed. */
  readonly onChange: (backend: Backend, reason: string) => void;
}

/**
 * Longest wait for the answer to a probe, in milliseconds, of a backend that is known to take a small part of that for it: it may stand
 * in line behind two batches. Others have as long as for any batch.
 */
const QUICK_PROBE = { timeoutMs: 2_000, times: 20 };

/** A batch that takes so many times as long as a full one should, and at least so many milliseconds, is not being worked on. */
const LASTING = { times: 10, leastMs: 1_000 };

/** One model server that batches are sent to. */
export class Backend {
  readonly id: string;
  #entry: BackendEntry;
  readonly #parts: BackendParts;
  readonly #limiter: Limiter;
  readonly #breaker: Breaker;
  readonly #server: Server;
  readonly #prober: Server;
  readonly #closed = new AbortController();
  #proven = false;
  #refused = false;
  /** How it embeds the control text; undefined before it was let in. */
  #control: readonly number[] | undefined;
  /** Whether it looks like a server that is still starting; so does one that was not asked yet. */
  #notUp = true;
  #drainRequested = false;
  #reason = 'just added';
  #lastProblem: string | undefined;
  #openChunks = 0;
  /** Whether a batch of it is overdue by far, and it has not answered a probe since. */
  #silent = false;
  #changedItself = false;
  /** Nothing listened there since it was examined: what answers now may be another server. */
  #mayBeAnother = false;
  readonly #pace: Pace;
  readonly #rest: Rest;
  readonly #check: AnswerCheck;

  constructor(entry: BackendEntry, parts: BackendParts) {
    this.id = entry.id;
    this.#entry = entry;
    this.#parts = parts;
    this.#pace = new Pace(entry);
    this.#limiter = limiter(this.#pace.maxInFlight);
    this.#rest = new Rest(parts.random);
    this.#check = new AnswerCheck(parts.verify);
    this.#breaker = breaker({
      clock: parts.clock,
      random: parts.random,
      others: parts.others,
      onChange: (state, reason) => this.#breakerChanged(state, reason),
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
    const probeTimeoutMs = Math.min(QUICK_PROBE.timeoutMs, parts.batchTimeoutMs);
    this.#prober = {
      ...this.#server,
      timeouts: new BatchTimeouts(parts.clock, probeTimeoutMs, this.#closed.signal),
    };
  }

  get entry(): BackendEntry {
    return this.#entry;
  }

  get state(): BackendState {
    return backendState({
      listed: this.#entry.state,
      drainRequested: this.#drainRequested,
      proven: this.#proven,
      refused: this.#refused,
      notUp: this.#notUp,
      breaker: this.#breaker.state,
    });
  }

  /** Why the state is what it is, for people. */
  get reason(): string {
    return this.#reason;
  }

  get breakerState(): BreakerState {
    return this.#breaker.state;
  }

  /** Whether it was ever let in. */
  get proven(): boolean {
    return this.#proven;
  }

  /** What its last failed batch said; undefined after a good one. */
  get lastProblem(): string | undefined {
    return this.#lastProblem;
  }

  /** Chunks sent and unanswered, and those of given-up batches that it may still be at work on. */
  get inFlightChunks(): number {
    return this.#openChunks + this.#pace.ghostChunks(this.#parts.clock.nowMs());
  }

  /** Chunks sent and unanswered. */
  get openChunks(): number {
    return this.#openChunks;
  }

  /** Share of its recent batches that failed, 0 to 1. */
  get failureShare(): number {
    return this.#breaker.failureShare;
  }

  /** When it may get work again after it said that it is full, or failed and no other serves; on the pool's clock. */
  get restsUntilMs(): number {
    return this.#rest.untilMs;
  }

  /** When an ejected backend is next asked whether it is well, on the pool's clock. */
  get nextProbeMs(): number | undefined {
    return this.#breaker.nextProbeMs;
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
    const before = this.state;
    this.#entry = entry;
    this.#pace.setMaxBatch(entry.maxBatch);
    if (this.state !== before) this.#changed(`its source lists it as ${entry.state}`);
  }

  /** No new work from now on, or work again. */
  setDraining(draining: boolean, reason: string): void {
    if (this.#drainRequested === draining) return;
    this.#drainRequested = draining;
    this.#changed(reason);
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
    this.#note(result, blamesBackend(result));
    const nowMs = clock.nowMs();
    if (result.kind === 'failed' && result.reason === 'timeout') this.#pace.abandoned(flight, nowMs);
    else this.#pace.ended(flight, nowMs, result.kind !== 'failed', workWaits());
    if (result.kind === 'failed' && result.reason === 'too-large') this.#pace.refused(texts.length);
    return result.kind === 'failed' || this.#isIn ? result : this.#afterExamination(result);
  }

  /**
   * The first vectors of one that nobody knows, or that may have been exchanged, are worth what its canaries are; those of one that was
   * turned away meanwhile nothing.
   */
  async #afterExamination(result: SendResult): Promise<SendResult> {
    if (!this.#refused) await this.#parts.examine(this);
    if (this.#isIn) return result;
    const message = `its vectors are not used: ${withoutQuotes(this.#lastProblem ?? this.#reason)}`;
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
    if (!this.#proven || this.#mayBeAnother) {
      await this.#parts.examine(this);
      return this.#isIn;
    }
    const sentMs = this.#parts.clock.nowMs();
    const usualMs = this.#pace.predictMs({ chunks: 1, paddedCharacters: controlText.length });
    const isQuick = usualMs * QUICK_PROBE.times <= QUICK_PROBE.timeoutMs;
    // Beside the limiter: what hangs there is what the probe asks about.
    const answer = await exchange(isQuick ? this.#prober : this.#server, [controlText]);
    const result = this.#isItself(answer) ? answer : { ...answer, ...NOT_ITSELF };
    this.#note(
      result,
      result.kind !== 'vectors' && !this.#isOnlyFull(result) && !this.#closed.signal.aborted,
    );
    if (result.kind !== 'vectors') return false;
    this.#pace.forgetGhosts();
    // It answers what came later, so what it is silent about was lost.
    if (this.#silent) this.#server.timeouts.giveUpBegunBefore(sentMs - this.#lastingMs);
    this.#silent = false;
    return true;
  }

  /** Whether it embeds the control text as it did when it was let in. */
  #isItself(answer: SendResult): boolean {
    const [vector] = answer.kind === 'vectors' ? answer.vectors : [];
    if (!vector || !this.#control || areAlike(toNumbers(vector), this.#control)) return true;
    this.#changedItself = true;
    return false;
  }

  /** Whether its model seems to be another than when it was let in. */
  get changedItself(): boolean {
    return this.#changedItself;
  }

  /** Has it embed the canary texts; undefined when it does not, which counts like a failed probe. Never rejects. */
  async takeFingerprint(): Promise<Fingerprint | undefined> {
    const first = this.#lastProblem === undefined;
    const taken = await takeFingerprint(this.#server, this.#entry.maxBatch);
    if (taken.kind === 'taken') {
      this.#answered();
      return taken.fingerprint;
    }
    const { result } = taken;
    this.#note(result, !this.#closed.signal.aborted && !this.#isOnlyFull(result));
    // Said once, and only of our own texts: what a backend says may quote what it was sent.
    if (first && !this.#proven) this.#changed(`not up yet: ${result.message}`);
    return undefined;
  }

  get #isIn(): boolean {
    return this.#proven && !this.#refused && !this.#mayBeAnother;
  }

  /** Lets it in: it embeds the canary texts as its model should. */
  admit(fingerprint: Fingerprint): void {
    const wasIn = this.#proven && !this.#refused;
    this.#check.expect(fingerprint);
    [this.#control] = fingerprint.short;
    this.#proven = true;
    this.#refused = false;
    this.#changedItself = false;
    this.#mayBeAnother = false;
    if (wasIn) return;
    this.#lastProblem = undefined;
    this.#changed('it has embedded the canary texts');
  }

  /** Turns it away: it embeds the canary texts unlike the others of its model. */
  refuse(message: string): void {
    this.#changedItself = false;
    if (this.#refused && this.#reason === message) return;
    this.#refused = true;
    this.#lastProblem = message;
    this.#changed(message);
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

  /** A full queue is no sickness; but one that was ejected is let back by a vector and nothing else. */
  #isOnlyFull(result: SendResult): boolean {
    return result.kind === 'failed' && result.reason === 'overloaded' && this.state === 'serving';
  }

  /** It answered rightly, to whatever it was. */
  #answered(): void {
    this.#lastProblem = undefined;
    this.#rest.end();
    this.#breaker.record('good');
  }

  #note(result: SendResult, blames: boolean): void {
    if (result.kind === 'vectors') {
      this.#answered();
      return;
    }
    this.#lastProblem = result.message;
    if (blames) this.blame();
    const { notUp, reason, retryAfterMs } = result.kind === 'failed' ? result : SPOILED;
    this.#setNotUp(notUp);
    if (reason === 'connection' && notUp) this.#mayBeAnother = true;
    if (reason === 'overloaded' || retryAfterMs !== undefined || this.state !== 'serving') {
      this.#rest.begin(this.#parts.clock.nowMs(), retryAfterMs);
    }
  }

  /** Counts a failure against it; also for a batch that it refused where it refuses harmless texts too. */
  blame(): void {
    // Until it has embedded something it is not in service, and has nothing to be ejected from.
    if (this.#proven) this.#breaker.record('bad');
  }

  /** One of its batches is overdue by far. */
  blameSilence(): void {
    this.#silent = true;
    if (this.#proven) this.#breaker.record('silent');
  }

  /** Closes its connections; batches under way end as `aborted`. */
  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    this.#breaker.shutdown();
    await this.#parts.transport.close();
  }

  #setNotUp(notUp: boolean): void {
    if (this.#notUp === notUp) return;
    this.#notUp = notUp;
    if (!this.#proven) this.#changed(notUp ? 'it is not up yet' : 'it answers, but not rightly');
  }

  #breakerChanged(state: BreakerState, reason: string): void {
    if (state === 'closed') this.#pace.startSlowly();
    this.#changed(reason);
  }

  #changed(reason: string): void {
    this.#reason = reason;
    this.#parts.onChange(this, reason);
  }
}

/** What unusable vectors say of a backend beside that. */
const SPOILED = { notUp: false, reason: 'bad-answer', retryAfterMs: undefined } as const;

/** What a probe comes to that was answered with a vector of another model. */
const NOT_ITSELF = {
  kind: 'failed',
  reason: 'bad-answer',
  message: 'it embeds the control text otherwise than when it was let in',
  retryAfterMs: undefined,
  notUp: false,
} as const;

/** What a backend is not to blame for: bad input is the caller's, a full queue is no sickness. */
const NO_BLAME: ReadonlySet<BatchFailureReason> = new Set(['input', 'too-large', 'overloaded', 'aborted']);

function blamesBackend(result: SendResult): boolean {
  return result.kind === 'failed' && !NO_BLAME.has(result.reason);
}
