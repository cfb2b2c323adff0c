import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock.ts';
import { PoolError } from '../errors.ts';
import type { AddressPolicy } from './address-policy.ts';
import type { BackendSource, SourceSnapshot } from './backend-source.ts';
import { type MergedBackends, mergeSnapshots } from './merge-snapshots.ts';

/** What is known of the pool's backends at one time. */
export interface DiscoveryState extends MergedBackends {
  /** Whether each source, and each server that it had to ask for its models, was tried at least once; stays true. */
  readonly triedAllOnce: boolean;
}

const RESTART_MS = 5_000;

/** Runs the sources of backends and keeps what they know; a source that fails takes nothing from the others. */
export class Discovery {
  readonly #sources: readonly BackendSource[];
  readonly #policy: AddressPolicy;
  readonly #clock: Clock;
  readonly #snapshots: Map<string, SourceSnapshot | undefined>;
  readonly #tried = new Set<string>();
  #state: DiscoveryState;
  #running: { readonly stop: AbortController; readonly loops: readonly Promise<void>[] } | undefined;

  /**
   * Starts nothing. The order of the sources is their rank where two list the same id.
   *
   * @throws PoolError `POOL_INVALID_OPTIONS` when two sources have the same name
   */
  constructor(options: {
    readonly sources: readonly BackendSource[];
    readonly policy: AddressPolicy;
    readonly clock: Clock;
  }) {
    this.#sources = options.sources;
    this.#policy = options.policy;
    this.#clock = options.clock;
    this.#snapshots = new Map(options.sources.map((source) => [source.name, undefined]));
    if (this.#snapshots.size < options.sources.length) {
      const names = options.sources.map((source) => source.name).join(', ');
      throw new PoolError(
        'POOL_INVALID_OPTIONS',
        `each source of backends needs a name of its own, got ${names}`,
      );
    }
    this.#state = this.#merge();
  }

  /** What is known now. */
  get state(): DiscoveryState {
    return this.#state;
  }

  /** Begins looking. `onChange` gets the state at once, then each state that differs from the one before. */
  start(onChange: (state: DiscoveryState) => void): void {
    if (this.#running !== undefined) return;
    const stop = new AbortController();
    onChange(this.#state);
    const loops = this.#sources.map((source) => this.#supervise(source, stop.signal, onChange));
    this.#running = { stop, loops };
  }

  /** Ends all looking, without a further `onChange`; resolves when the last source has ended. What is known stays. */
  async stop(): Promise<void> {
    this.#running?.stop.abort();
    await Promise.all(this.#running?.loops ?? []);
  }

  async #supervise(
    source: BackendSource,
    signal: AbortSignal,
    onChange: (state: DiscoveryState) => void,
  ): Promise<void> {
    const report = (snapshot: SourceSnapshot) => {
      if (!signal.aborted) this.#accept(source.name, snapshot, onChange);
    };
    while (!signal.aborted) {
      try {
        await source.run(report, signal);
        return;
      } catch (error) {
        // A fault in the source itself: shown, and tried again, as a pool without it may have no backends.
        const text = error instanceof Error ? error.message : String(error);
        const problem = `it broke and is started again in ${RESTART_MS} ms: ${text}`;
        report(withProblem(this.#snapshots.get(source.name), problem));
        await this.#clock.sleep(RESTART_MS, signal);
      }
    }
  }

  #accept(name: string, snapshot: SourceSnapshot, onChange: (state: DiscoveryState) => void): void {
    if (isDeepStrictEqual(snapshot, this.#snapshots.get(name))) return;
    this.#snapshots.set(name, snapshot);
    if (snapshot.kind === 'pending' || snapshot.complete) this.#tried.add(name);
    const state = this.#merge();
    if (isDeepStrictEqual(state, this.#state)) return;
    this.#state = state;
    onChange(state);
  }

  #merge(): DiscoveryState {
    return {
      ...mergeSnapshots(this.#snapshots, this.#policy),
      triedAllOnce: this.#tried.size === this.#snapshots.size,
    };
  }
}

function withProblem(last: SourceSnapshot | undefined, problem: string): SourceSnapshot {
  return last?.kind === 'listed' ? { ...last, problem } : { kind: 'pending', reason: problem };
}
