import type { Backend } from '../backend/backend.ts';
import type { BalancingStrategy, StrategyName } from '../balancing/balancing-strategy.ts';
import { strategyFor } from '../balancing/strategy-for.ts';
import { UNKNOWN_CHUNKS_PER_SECOND } from '../cost/class-costs.ts';
import type { DispatcherParts } from '../dispatch/dispatcher.ts';
import { PoolError } from '../errors.ts';
import { type Job, PRIORITIES, type Priority } from '../job.ts';
import { chooseModel, type ModelChoice } from './model-names.ts';
import { ModelRoad } from './model-road.ts';
import type { Amount } from './queue-room.ts';

export interface ModelRoadsParts extends Omit<DispatcherParts, 'strategy'> {
  readonly strategy: StrategyName | BalancingStrategy;
}

/** What waits, over all models. */
export interface Waiting {
  readonly chunks: Readonly<Record<Priority, number>>;
  readonly bytes: number;
  readonly oldestAcceptedMs: number | undefined;
  readonly workSeconds: number;
}

/**
 * The models the pool knows, each with its own queue and backends, and the jobs that wait for the first model to be seen.
 * A model once seen stays known when its backends go.
 */
export class ModelRoads {
  readonly #parts: ModelRoadsParts;
  readonly #aliases: ReadonlyMap<string, string>;
  readonly #roads = new Map<string, ModelRoad>();
  readonly #names = new Set<string>();
  /** Jobs whose model can't be told yet, with the name they asked for. */
  readonly #undetermined = new Map<Job, string | undefined>();
  #sourcePending = true;

  constructor(models: readonly string[], aliases: Readonly<Record<string, string>>, parts: ModelRoadsParts) {
    this.#parts = parts;
    this.#aliases = new Map(Object.entries(aliases));
    for (const model of models) this.#road(model);
  }

  get models(): readonly string[] {
    return [...this.#roads.keys()].sort();
  }

  /** Jobs that wait because there is no backend for them. */
  get heldJobs(): number {
    let held = this.#undetermined.size;
    for (const road of this.#roads.values()) if (!road.hasBackend) held += road.openJobs;
    return held;
  }

  /** What waits, over all models. */
  get queued(): Amount {
    let chunks = 0;
    let bytes = 0;
    for (const { dispatcher } of this.#roads.values()) {
      chunks += dispatcher.queue.chunks;
      bytes += dispatcher.queue.bytes;
    }
    for (const job of this.#undetermined.keys()) {
      chunks += job.total;
      bytes += job.bytes;
    }
    return { chunks, bytes };
  }

  get waiting(): Waiting {
    const chunks: Record<Priority, number> = { interactive: 0, default: 0, bulk: 0 };
    let bytes = 0;
    let oldestAcceptedMs: number | undefined;
    let workSeconds = 0;
    const see = (atMs: number | undefined) => {
      if (atMs !== undefined) oldestAcceptedMs = Math.min(atMs, oldestAcceptedMs ?? atMs);
    };
    for (const road of this.#roads.values()) {
      const { queue } = road.dispatcher;
      for (const priority of PRIORITIES) chunks[priority] += queue.depth(priority);
      bytes += queue.bytes;
      see(queue.oldestAcceptedMs);
      workSeconds = Math.max(workSeconds, road.queuedWorkSeconds);
    }
    let unknown = 0;
    for (const job of this.#undetermined.keys()) {
      unknown += job.total;
      chunks[job.request.priority] += job.total;
      bytes += job.bytes;
      see(job.acceptedAtMs);
    }
    return {
      chunks,
      bytes,
      oldestAcceptedMs,
      workSeconds: Math.max(workSeconds, unknown / UNKNOWN_CHUNKS_PER_SECOND),
    };
  }

  /** What one tenant has waiting, over all models. */
  waitingOf(tenant: string): Amount {
    let chunks = 0;
    let bytes = 0;
    for (const { dispatcher } of this.#roads.values()) {
      const waiting = dispatcher.queue.waitingOf(tenant);
      chunks += waiting.chunks;
      bytes += waiting.bytes;
    }
    for (const job of this.#undetermined.keys()) {
      if (job.request.tenant !== tenant) continue;
      chunks += job.total;
      bytes += job.bytes;
    }
    return { chunks, bytes };
  }

  /** Predicted time until a job for this choice would be answered, in milliseconds; undefined while that is unknown. */
  predictMs(choice: ModelChoice, job: Job): number | undefined {
    return choice.kind === 'known' ? this.#road(choice.model).dispatcher.predictMs(job) : undefined;
  }

  choose(name: string | undefined): ModelChoice {
    return chooseModel(name, this.#names, this.#aliases, this.#sourcePending);
  }

  /** Whether a job for this choice would have to wait for a backend to appear. */
  wouldHold(choice: ModelChoice): boolean {
    return choice.kind !== 'known' || !this.#road(choice.model).hasBackend;
  }

  submit(job: Job, name: string | undefined, choice: ModelChoice): void {
    if (choice.kind === 'known') this.#road(choice.model).submit(job);
    else this.#undetermined.set(job, name);
  }

  /** The backends there are now, and whether some source has still shown none. */
  follow(backends: readonly Backend[], sourcePending: boolean): void {
    this.#sourcePending = sourcePending;
    const byModel = Map.groupBy(backends, (backend) => backend.entry.model);
    for (const model of byModel.keys()) this.#road(model);
    for (const [model, road] of this.#roads) road.setBackends(byModel.get(model) ?? []);
    for (const [job, name] of this.#undetermined) this.#settleModel(job, name);
  }

  settled(job: Job): void {
    if (this.#undetermined.delete(job)) return;
    for (const road of this.#roads.values()) if (road.settled(job)) return;
  }

  close(): void {
    for (const road of this.#roads.values()) road.dispatcher.close();
  }

  #settleModel(job: Job, name: string | undefined): void {
    const choice = this.choose(name);
    if (choice.kind === 'undetermined') return;
    this.#undetermined.delete(job);
    if (choice.kind === 'known') {
      this.#road(choice.model).submit(job);
      return;
    }
    const chunks = job.failAll(modelError(choice, name), this.#parts.clock.nowMs());
    this.#parts.emit({ kind: 'chunks-settled', outcome: 'error', chunks });
  }

  #road(model: string): ModelRoad {
    let road = this.#roads.get(model);
    if (!road) {
      // Each its own: a strategy may keep state, and the backends of one model are none of another's.
      road = new ModelRoad({ ...this.#parts, strategy: strategyFor(this.#parts.strategy) });
      this.#roads.set(model, road);
      this.#names.add(model);
    }
    return road;
  }
}

/** The error for a name that no model answers to. */
export function modelError(
  choice: ModelChoice & { kind: 'unknown' | 'ambiguous' },
  name: string | undefined,
): PoolError {
  const names = choice.models.length === 0 ? 'there is none yet' : `there is ${choice.models.join(', ')}`;
  return choice.kind === 'ambiguous'
    ? new PoolError('POOL_MODEL_NEEDED', `Several models are served, say which: ${names}`)
    : new PoolError('POOL_UNKNOWN_MODEL', `No model is named ${name ?? '(none given)'}: ${names}`);
}
