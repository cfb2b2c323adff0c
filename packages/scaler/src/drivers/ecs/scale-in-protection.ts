import type { EcsApi, Protected } from '../../aws/ecs-api.ts';
import type { EcsProtection } from '../../aws/ecs-wire.ts';
import type { Clock } from '../../clock.ts';
import { ScalerError } from '../../errors.ts';
import type { ScalePlan } from './plan-scale.ts';

/** Long enough for ECS to carry a scale-in out, short enough to hold no rollout up. */
const MINUTES = 5;

/** One that ends sooner is set again. */
const LEAST_LEFT_MS = 60_000;

/** ECS takes so many in one call: what was protected is remembered after each, in case the next doesn't come back. */
const AT_A_TIME = 10;

/** A list waits for no more than this many to be released. */
const MAX_RELEASED = 50;

/**
 * Spares tasks from a scale-in, for a few minutes each, and lets go of them when it is done. What the tasks themselves or others protect is
 * left alone: it holds longer than ours, and is not ours to end.
 */
export class ScaleInProtection {
  readonly #cluster: string;
  readonly #parts: { readonly ecs: EcsApi; readonly clock: Clock };
  /** What was protected here, and until when. */
  readonly #ours = new Map<string, number>();

  constructor(cluster: string, parts: { readonly ecs: EcsApi; readonly clock: Clock }) {
    this.#cluster = cluster;
    this.#parts = parts;
  }

  /**
   * Resolves with the tasks that somebody else protects; rejects when a task that is ready can't be spared, since ECS might take it.
   *
   * @param starting tasks that have nothing to lose yet
   */
  async prepare(
    { protect, release }: Pick<ScalePlan, 'protect' | 'release'>,
    starting: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<ReadonlySet<string>> {
    const { ecs, clock } = this.#parts;
    const nowMs = clock.nowMs();
    const held = await ecs.protections(this.#cluster, [...protect, ...release], signal);
    const ours = held.filter((each) => this.#isOurs(each)).map(({ arn }) => arn);
    await this.#let(
      release.filter((arn) => ours.includes(arn)),
      signal,
    );
    const lasting = new Set(
      held.filter(({ untilMs }) => untilMs - nowMs > LEAST_LEFT_MS).map(({ arn }) => arn),
    );
    const missing = protect.filter((arn) => !lasting.has(arn));
    const failures = await this.#protect(missing, signal);
    // One that is gone needs no protection.
    const exposed = failures.filter(({ arn, reason }) => !starting.has(arn) && !/MISSING/i.test(reason));
    const [first] = exposed;
    if (first !== undefined) {
      const message = `${exposed.length} of ${protect.length} ECS tasks that shall stay can't be protected from scale-in, the first one ${first.arn}: ${first.reason}; the count was not lowered (taskProtection: false lets ECS choose)`;
      throw new ScalerError('SCALER_DRIVER_FAILED', message, { retryable: true });
    }
    const foreign = held.filter(({ arn }) => release.includes(arn) && !ours.includes(arn));
    return new Set(foreign.map(({ arn }) => arn));
  }

  /** Takes away what was protected here; what can't be taken away ends by itself. */
  async release(signal: AbortSignal): Promise<void> {
    if (this.#ours.size === 0) return;
    const nowMs = this.#parts.clock.nowMs();
    for (const [arn, untilMs] of this.#ours) if (untilMs <= nowMs) this.#ours.delete(arn);
    const some = [...this.#ours.keys()].slice(0, MAX_RELEASED);
    try {
      const held = await this.#parts.ecs.protections(this.#cluster, some, signal);
      await this.#let(
        held.filter((each) => this.#isOurs(each)).map(({ arn }) => arn),
        signal,
      );
    } catch {
      signal.throwIfAborted();
      // It ends in minutes by itself.
    }
    for (const arn of some) this.#ours.delete(arn);
  }

  async #protect(arns: readonly string[], signal: AbortSignal): Promise<Protected['failures']> {
    const failures: Protected['failures'][number][] = [];
    for (let from = 0; from < arns.length; from += AT_A_TIME) {
      const some = arns.slice(from, from + AT_A_TIME);
      const answer = await this.#parts.ecs.protect(this.#cluster, some, MINUTES, signal);
      for (const { arn, untilMs } of answer.set) this.#ours.set(arn, untilMs);
      failures.push(...answer.failures);
    }
    return failures;
  }

  async #let(arns: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#parts.ecs.protect(this.#cluster, arns, 0, signal);
    for (const arn of arns) this.#ours.delete(arn);
  }

  /** A task that has protected itself since has another end. */
  #isOurs({ arn, untilMs }: EcsProtection): boolean {
    return untilMs === this.#ours.get(arn);
  }
}
