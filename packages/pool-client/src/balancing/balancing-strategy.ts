import type { BackendView } from './backend-view.ts';

/** The rule that chooses a backend for the next batch. A caller may bring its own. */
export interface BalancingStrategy {
  /** For people, in metrics and status. */
  readonly name: string;
  /**
   * Sizes batches so that all backends end together, and leaves out those that would end last. Without it every backend that
   * has room gets its equal share, however slow it is.
   */
  readonly sharesByWork?: boolean;
  /** Chooses one of `available`: never empty, all with room, none ejected. May keep state of its own. */
  pick(available: readonly BackendView[]): BackendView;
  /**
   * Binds callers to backends: the id that the chunks of `affinity` should go to. They wait a bounded time for it.
   * `backendIds` are those in service, in no particular order, never empty.
   */
  owner?(affinity: string, backendIds: readonly string[]): string;
}

/** The strategies that come with the pool. */
export type StrategyName = 'least-work' | 'least-connections' | 'round-robin' | 'ip-hash';
