import type { BackendEntry } from '../backend-entry.ts';
import type { BackendView } from '../balancing/backend-view.ts';
import type { Clock } from '../clock.ts';
import { TRIAL_CHUNKS } from '../cost/class-costs.ts';
import type { BatchShape } from '../cost/cost-model.ts';
import type { BatchFailureReason } from '../events.ts';
import { controlText } from '../protocol/control-text.ts';
import type { Protocol } from '../protocol/protocol.ts';
import type { VectorBytes } from '../protocol/vector-bytes.ts';
import { verifyVectors } from '../protocol/verify-vectors.ts';
import type { Transport } from '../wire/transport.ts';
import { type BackendState, backendState } from './backend-state.ts';
import { BatchTimeouts } from './batch-timeouts.ts';
import { type Breaker, type BreakerOptions, type BreakerState, breaker } from './breaker.ts';
import { exchange, type SendResult, type Server } from './exchange.ts';
import { type Limiter, limiter } from './limiter.ts';
import { Pace } from './pace.ts';

export interface BackendParts {
  readonly clock: Clock;
  readonly transport: Transport;
  readonly protocol: Protocol;
  /** Longest wait for one batch, in milliseconds. */
  readonly batchTimeoutMs: number;
  readonly breaker: BreakerOptions;
  readonly verify: 'fast' | 'full';
  /** Called when the state may have changed. */
  readonly onChange: (backend: Backend, reason: string) => void;
}

/** One model server that batches are sent to. */
export class Backend {
  readonly id: string;
  #entry: BackendEntry;
  readonly #parts: BackendParts;
  readonly #limiter: Limiter;
  readonly #breaker: Breaker;
  readonly #server: Server;
  readonly #closed = new AbortController();
  #proven = false;
  /** Whether it looks like a server that is still starting; so does one that was not asked yet. */
  #notUp = true;
  #drainRequested = false;
  #reason = 'just added';
  #lastProblem: string | undefined;
  #inFlightChunks = 0;
  readonly #pace: Pace;
  #expectations: { readonly dimensions: number; readonly norm: number } | undefined;
  #samples = 0;

  constructor(entry: BackendEntry, parts: BackendParts) {
    this.id = entry.id;
    this.#entry = entry;
    this.#parts = parts;
    this.#pace = new Pace(entry);
    this.#limiter = limiter(this.#pace.maxInFlight);
    this.#breaker = breaker(parts.breaker, (state) => this.#breakerChanged(state));
    const { pathname, search } = new URL(entry.url);
    this.#server = {
      clock: parts.clock,
      transport: parts.transport,
      protocol: parts.protocol,
      model: entry.model,
      path: pathname.replace(/\/$/, '') + search,
      timeouts: new BatchTimeouts(parts.clock, parts.batchTimeoutMs, this.#closed.signal),
      closed: this.#closed.signal,
      verify: (vectors) => this.#verify(vectors),
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

  /** Whether it has ever embedded a text. */
  get proven(): boolean {
    return this.#proven;
  }

  /** What its last failed batch said; undefined after a good one. */
  get lastProblem(): string | undefined {
    return this.#lastProblem;
  }

  get inFlightChunks(): number {
    return this.#inFlightChunks;
  }

  /** Dimensions of the vectors it sends; undefined before the first. */
  get dimensions(): number | undefined {
    return this.#expectations?.dimensions;
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
    return this.#pace.view(this.id, this.#entry.class, this.#parts.clock.nowMs());
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
    const result = await this.#exchange(texts, blamesBackend);
    this.#pace.ended(flight, clock.nowMs(), result.kind === 'vectors', workWaits());
    if (result.kind === 'failed' && result.reason === 'too-large') this.#pace.refused(texts.length);
    return result;
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
    const first = this.#lastProblem === undefined;
    const result = await this.#exchange([controlText], ({ kind }) => kind !== 'vectors');
    // Said once, and only of our own text: what a backend says may quote what it was sent.
    if (result.kind === 'failed' && first && !this.#proven) this.#changed(`not up yet: ${result.message}`);
    return result.kind === 'vectors';
  }

  async #exchange(texts: readonly string[], blames: (result: SendResult) => boolean): Promise<SendResult> {
    this.#inFlightChunks += texts.length;
    const result = await this.#limiter.run(() => exchange(this.#server, texts));
    this.#inFlightChunks -= texts.length;
    if (result.kind === 'vectors') {
      this.#lastProblem = undefined;
      this.#breaker.record('good');
      this.#setProven();
    } else {
      this.#lastProblem = result.message;
      if (blames(result)) this.blame();
      this.#setNotUp(result.notUp);
    }
    return result;
  }

  /** Counts a failure against it; also for a batch that it refused where it refuses harmless texts too. */
  blame(): void {
    // Until it has embedded something it is not in service, and has nothing to be ejected from.
    if (this.#proven) this.#breaker.record('bad');
  }

  /** Closes its connections; batches under way end as `aborted`. */
  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    this.#breaker.shutdown();
    await this.#parts.transport.close();
  }

  /** Checks what was cut; undefined when it is right. Learns dimensions and norm from the first answer. */
  #verify(vectors: readonly VectorBytes[]): string | undefined {
    this.#samples += 1;
    const verdict = verifyVectors(vectors, {
      // An ejected or unproven backend must be right in every number to be let in.
      mode: this.state === 'serving' ? this.#parts.verify : 'full',
      sampleIndex: this.#samples % vectors.length,
      ...this.#expectations,
    });
    if (verdict.kind === 'bad') return verdict.message;
    this.#expectations ??= { dimensions: verdict.dimensions, norm: verdict.norm };
    return undefined;
  }

  #setProven(): void {
    if (this.#proven) return;
    this.#proven = true;
    this.#changed('it has embedded a text');
  }

  #setNotUp(notUp: boolean): void {
    if (this.#notUp === notUp) return;
    this.#notUp = notUp;
    if (!this.#proven) this.#changed(notUp ? 'it is not up yet' : 'it answers, but not rightly');
  }

  #breakerChanged(state: BreakerState): void {
    this.#changed(
      state === 'open'
        ? `more than ${this.#parts.breaker.failurePercentage} % of its recent batches failed`
        : state === 'half-open'
          ? 'a probe decides whether it is let back'
          : 'it answers again',
    );
  }

  #changed(reason: string): void {
    this.#reason = reason;
    this.#parts.onChange(this, reason);
  }
}

/** What a backend is not to blame for: bad input is the caller's, a full queue is no sickness. */
const NO_BLAME: ReadonlySet<BatchFailureReason> = new Set(['input', 'too-large', 'overloaded', 'aborted']);

function blamesBackend(result: SendResult): boolean {
  return result.kind === 'failed' && !NO_BLAME.has(result.reason);
}
