import { ANY_ADDRESS } from './discovery/address-policy.ts';
import { Discovery } from './discovery/discovery.ts';
import { ManualSource } from './discovery/manual-source.ts';
import { DEFAULT_RETRY } from './dispatch/next-step.ts';
import { RETRY_BUDGET, RetryBudget, SEARCH_BUDGET } from './dispatch/retry-budget.ts';
import { PoolError } from './errors.ts';
import type { PoolEvent, PoolListener } from './events.ts';
import type { JobAnswer } from './job.ts';
import { type EmbedderPoolOptions, type ResolvedOptions, resolveOptions } from './options.ts';
import { BackendAdmin } from './pool/backend-admin.ts';
import { BackendSet } from './pool/backend-set.ts';
import { checkRequest } from './pool/check-request.ts';
import { configuredSources } from './pool/configured-sources.ts';
import { checkTexts, type EncodeOptions, readerOf, type VectorOf, vectorsOf } from './pool/encode.ts';
import { type EncodeStreamOptions, encodeStream, type StreamItem } from './pool/encode-stream.ts';
import { Intake, type SubmitRequest } from './pool/intake.ts';
import { ModelRoads } from './pool/model-roads.ts';
import { optionsFromEnv } from './pool/options-from-env.ts';
import { backendStatus, modelStatus, type PoolStats } from './pool/pool-stats.ts';
import { pendingReasons, problemsOf } from './pool/source-problems.ts';
import { Tenants } from './pool/tenants.ts';
import { withoutQuotes } from './protocol/without-quotes.ts';

/**
 * Embeds texts over a pool of model servers.
 * Nothing runs before the first call; `close()` ends everything.
 *
 * @example
 * const pool = new EmbedderPool({ backends: ['http://127.0.0.1:8081/predictions/all-MiniLM-L6-v2'] });
 * const vectors = await pool.encode(['hello world']);
 * await pool.close();
 */
export class EmbedderPool implements AsyncDisposable {
  readonly #options: ResolvedOptions;
  readonly #discovery: Discovery;
  readonly #backends: BackendSet;
  readonly #roads: ModelRoads;
  readonly #tenants = new Tenants();
  readonly #intake: Intake;
  readonly #listeners = new Set<PoolListener>();
  readonly #closed = new AbortController();
  readonly #changed = new Set<() => void>();
  #started = false;
  #closing: Promise<void> | undefined;
  /** Adds, drains and removes single backends. */
  readonly admin: BackendAdmin;

  /** @throws PoolError `POOL_INVALID_OPTIONS` naming the field, its value and the bound. */
  constructor(options: EmbedderPoolOptions = {}) {
    this.#options = resolveOptions(options);
    const { clock, random, transport, batchTimeoutMs, verify, maxAttempts } = this.#options;
    const emit = (event: PoolEvent) => this.#emit(event);
    this.#roads = new ModelRoads(this.#options.models, this.#options.modelAliases, {
      clock,
      random,
      strategy: this.#options.strategy,
      retry: { ...DEFAULT_RETRY, maxAttempts },
      budgets: { retries: new RetryBudget(RETRY_BUDGET), searches: new RetryBudget(SEARCH_BUDGET) },
      affinityWaitMs: AFFINITY_WAIT_MS,
      groupByLength: this.#options.groupByLength,
      emit,
    });
    this.#backends = new BackendSet({
      clock,
      random,
      transport,
      batchTimeoutMs,
      verify,
      emit,
      onChange: () => this.#follow(),
    });
    this.#intake = new Intake({
      clock,
      options: this.#options,
      roads: this.#roads,
      tenants: this.#tenants,
      isServing: () => this.#backends.all.some(({ state }) => state === 'serving'),
      plight: () => this.#plight(),
      emit,
    });
    const policy = this.#options.addressPolicy ?? ANY_ADDRESS;
    const manual = new ManualSource();
    this.#discovery = new Discovery({
      sources: [...configuredSources(this.#options, policy), manual],
      policy,
      clock,
    });
    this.admin = new BackendAdmin({
      clock,
      transport,
      policy,
      manual,
      backends: this.#backends,
      start: () => this.start(),
    });
  }

  /** A pool set up by `DJL_URLS` and the other variables of the gateway. */
  // biome-ignore lint/style/noProcessEnv: this is the outermost door of the library
  static fromEnv(env: Readonly<Record<string, string | undefined>> = process.env): EmbedderPool {
    return new EmbedderPool(optionsFromEnv(env));
  }

  /** Begins to look for backends and to watch them. Calls do so themselves. */
  start(): void {
    if (this.#closed.signal.aborted) throw new PoolError('POOL_CLOSED', 'The pool is closed');
    if (this.#started) return;
    this.#started = true;
    let problems: readonly string[] = [];
    this.#discovery.start((state) => {
      const now = [...problemsOf(state), ...pendingReasons(state)];
      for (const problem of now) {
        if (!problems.includes(problem)) this.#emit({ kind: 'source-problem', problem });
      }
      problems = now;
      this.#tenants.follow(state.tenants);
      this.#backends.follow(state.entries);
    });
    void this.#intake.run(this.#closed.signal);
  }

  /**
   * Resolves when a backend has embedded something.
   * @throws PoolError `POOL_NO_BACKEND` after `timeoutMs` (60,000 unless given), saying how each backend stands.
   */
  async ready(options: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {}): Promise<void> {
    this.start();
    const timeoutMs = options.timeoutMs ?? 60_000;
    const over = new AbortController();
    const isUp = () => this.#backends.all.some(({ state }) => state === 'serving');
    const look = () => {
      if (isUp()) over.abort();
    };
    this.#changed.add(look);
    look();
    const signal = AbortSignal.any([
      over.signal,
      this.#closed.signal,
      ...(options.signal ? [options.signal] : []),
    ]);
    await this.#options.clock.sleep(timeoutMs, signal);
    this.#changed.delete(look);
    if (this.#closed.signal.aborted) throw new PoolError('POOL_CLOSED', 'The pool was closed');
    if (options.signal?.aborted) throw new PoolError('POOL_ABORTED', 'The wait was given up');
    if (!isUp())
      throw new PoolError('POOL_NO_BACKEND', `No backend is up after ${timeoutMs} ms: ${this.#plight()}`);
  }

  /**
   * The vectors of the texts, in order. Texts of other calls may share their batches.
   * @throws PoolError with the indices of failed chunks and the vectors that are right.
   */
  async encode<const Output extends 'number' | 'float32' = 'number'>(
    texts: readonly string[],
    options: Omit<EncodeOptions, 'output'> & { readonly output?: Output } = {},
  ): Promise<VectorOf<Output>[]> {
    checkTexts(texts);
    if (texts.length === 0) return [];
    const { onProgress, output, ...request } = options;
    const answer = await this.submit({
      ...request,
      texts,
      onChunkError: 'continue',
      onProgress: onProgress && ((answered, total) => onProgress({ answered, total })),
    });
    return vectorsOf(answer, readerOf(output)) as VectorOf<Output>[]; // readerOf reads what Output says
  }

  /** The vectors of a stream of texts, in order, read ahead within a window. Ending the loop early gives up the rest. */
  encodeStream<const Output extends 'number' | 'float32' = 'number'>(
    texts: Iterable<string> | AsyncIterable<string>,
    options?: EncodeStreamOptions & { readonly output?: Output; readonly onError?: 'throw' },
  ): AsyncGenerator<{ readonly index: number; readonly vector: VectorOf<Output> }, void, undefined>;
  encodeStream<const Output extends 'number' | 'float32' = 'number'>(
    texts: Iterable<string> | AsyncIterable<string>,
    options: EncodeStreamOptions & { readonly output?: Output; readonly onError: 'yield' },
  ): AsyncGenerator<StreamItem<VectorOf<Output>>, void, undefined>;
  encodeStream(
    texts: Iterable<string> | AsyncIterable<string>,
    options: EncodeStreamOptions = {},
  ): AsyncGenerator<StreamItem<number[] | Float32Array>, void, undefined> {
    const { priority, tenant, model } = options;
    const progress = { lastMs: 0 };
    return encodeStream(texts, options, (part, signal) =>
      this.submit({
        texts: part,
        onChunkError: 'continue',
        signal,
        model,
        progress,
        ...(priority ? { priority } : {}),
        ...(tenant ? { tenant } : {}),
      }),
    );
  }

  /**
   * Embeds and gives back the bytes that the backends sent, with an error for each chunk that failed.
   * @throws PoolError when the call as a whole is refused: wrong model, queue or hold full, closed.
   */
  async submit(request: SubmitRequest): Promise<JobAnswer> {
    this.start();
    checkRequest(request);
    const job = this.#intake.accept(request);
    const { signal } = request;
    if (!signal) return job.settled;
    const onAbort = () =>
      this.#intake.end(
        job,
        new PoolError('POOL_ABORTED', 'The caller gave up', { cause: signal.reason }),
        'cancelled',
      );
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await job.settled;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** How things stand now. Costs a walk over backends and queued jobs' heads. */
  stats(): PoolStats {
    const { chunks, bytes, oldestAcceptedMs, workSeconds } = this.#roads.waiting;
    const nowMs = this.#options.clock.nowMs();
    const { pendingSources, triedAllOnce } = this.#discovery.state;
    const backends = this.#backends.all;
    return {
      queuedChunks: chunks,
      queuedBytes: bytes,
      oldestSeconds: oldestAcceptedMs === undefined ? 0 : (nowMs - oldestAcceptedMs) / 1_000,
      queuedWorkSeconds: workSeconds,
      heldJobs: this.#roads.heldJobs,
      openJobs: this.#intake.openJobs,
      models: this.#roads.models.map((name) =>
        modelStatus(
          name,
          backends.filter(({ entry }) => entry.model === name),
        ),
      ),
      backends: backends.map((backend) => backendStatus(backend, nowMs)),
      pendingSources,
      problems: problemsOf(this.#discovery.state),
      triedAllOnce,
    };
  }

  /** Tells everything that happens until the returned function is called. A listener must not throw. */
  subscribe(listener: PoolListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Fails what is open, ends all loops and connections. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    this.#closed.abort();
    this.#roads.close();
    this.#intake.endAll(new PoolError('POOL_CLOSED', 'The pool was closed'));
    await Promise.all([this.#discovery.stop(), this.#backends.close()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #follow(): void {
    this.#roads.follow(this.#backends.all, this.#discovery.state.pendingSources.length > 0);
    for (const look of [...this.#changed]) look();
  }

  #plight(): string {
    const { pendingSources } = this.#discovery.state;
    const stand = [
      ...this.#backends.all.map(
        ({ id, state, standing: { lastProblem } }) =>
          `${id} is ${state}${lastProblem ? ` (${withoutQuotes(lastProblem)})` : ''}`,
      ),
      ...pendingSources.map(({ name, reason }) => `${name}: ${reason}`),
    ];
    return stand.length > 0 ? stand.slice(0, 5).join('; ') : 'none is configured';
  }

  #emit(event: PoolEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

/** Longest wait of a caller's chunks for the backend that `ip-hash` binds it to. */
const AFFINITY_WAIT_MS = 250;
