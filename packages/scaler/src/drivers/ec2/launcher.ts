import type { Ec2Api, Ec2Instance } from '../../aws/ec2-api.ts';
import type { Clock } from '../../clock.ts';
import type { ScalerError } from '../../errors.ts';
import { toDriverError } from '../to-driver-error.ts';
import type { Ec2HostOptions } from './ec2-driver-options.ts';
import { inParallel } from './in-parallel.ts';
import { type LaunchAttempt, launchAttempts } from './launch-attempts.ts';
import { afterSpot, purchasesFor, type SpotMarket, type SpotRules } from './purchase.ts';
import { refusalName } from './refusal-name.ts';

interface LauncherParts {
  readonly api: Pick<Ec2Api, 'runInstance'>;
  readonly clock: Clock;
  readonly options: Ec2HostOptions;
  readonly rules: SpotRules;
  /** Spot was refused and isn't asked for a while. */
  readonly onSpotShut: (group: string, market: Extract<SpotMarket, { kind: 'shut' }>) => void;
}

/** EC2 launches a few a second in the long run, so more at a time bring little. */
const LAUNCHES_AT_A_TIME = 10;

/** What is not ordered again for so long is not ordered again. */
const QUESTION_MS = 3_600_000;

/** Launches hosts and remembers, for this process only, what lists don't show yet and what was asked without an answer. */
export class Launcher {
  readonly #parts: LauncherParts;
  #market: SpotMarket = { kind: 'open' };
  /** By replica: the answers to launches. */
  readonly #launched = new Map<
    string,
    { readonly group: string; readonly instance: Ec2Instance; readonly atMs: number }
  >();
  readonly #underWay = new Map<string, Promise<void>>();
  /** By replica: the token that was last asked for without a clear answer. What became of it must be known before another is tried. */
  readonly #unsettled = new Map<string, { readonly token: string; readonly atMs: number }>();
  /** By replica: since when EC2 has known its tokens with other options, and how many rounds of tokens turned out to have launched nothing. */
  readonly #mismatches = new Map<string, { readonly sinceMs: number; readonly round: number }>();
  /** By group: replicas of its first order, which an earlier process may have launched as spot. */
  readonly #inherited = new Map<string, ReadonlySet<string>>();

  constructor(parts: LauncherParts) {
    this.#parts = parts;
  }

  get market(): SpotMarket {
    return this.#market;
  }

  /** Instances that were launched so lately that lists may not show them yet. */
  recent(group: string): readonly Ec2Instance[] {
    const graceMs = this.#parts.options.listGraceSeconds * 1_000;
    const nowMs = this.#parts.clock.nowMs();
    for (const [id, { atMs }] of this.#launched) {
      if (nowMs - atMs >= graceMs || nowMs < atMs) this.#launched.delete(id);
    }
    return [...this.#launched.values()]
      .filter((each) => each.group === group)
      .map(({ instance }) => instance);
  }

  /** They were ended: a list that doesn't show them is right. */
  forget(instanceIds: readonly string[]): void {
    for (const [id, { instance }] of this.#launched) {
      if (instanceIds.includes(instance.instanceId)) this.#launched.delete(id);
    }
  }

  /** A spot host was taken away while it was launched, for lack of room. */
  spotFailed(group: string): void {
    const nowMs = this.#parts.clock.nowMs();
    this.#learn(group, 'refused', nowMs);
  }

  /** Launches as many of these replicas as it can, then rejects with the first error, if any. */
  async launch(group: string, ids: readonly string[], signal: AbortSignal): Promise<void> {
    if (ids.length === 0) return;
    if (!this.#inherited.has(group)) this.#inherited.set(group, new Set(ids));
    this.#forgetOldQuestions();
    let error: ScalerError | undefined;
    await inParallel(ids, LAUNCHES_AT_A_TIME, async (id) => {
      try {
        await this.#once(group, id, signal);
        return true;
      } catch (reason) {
        const failure = toDriverError(reason, `launching host "${id}"`, signal);
        error ??= failure;
        // What was refused for one is refused for all, since all are alike; a call that failed by chance says nothing of the next.
        return failure.code === 'SCALER_DRIVER_FAILED' && failure.retryable && !signal.aborted;
      }
    });
    if (error) throw error;
  }

  /** One call for a replica at a time: a second one gets the first one's answer. */
  async #once(group: string, id: string, signal: AbortSignal): Promise<void> {
    if (this.#launched.has(id)) return;
    const underWay = this.#underWay.get(id);
    if (underWay) return underWay;
    const launching = this.#launch(group, id, signal).finally(() => this.#underWay.delete(id));
    this.#underWay.set(id, launching);
    return launching;
  }

  async #launch(group: string, id: string, signal: AbortSignal): Promise<void> {
    let refusal: ScalerError | undefined;
    const attempts = this.#attemptsOf(group, id);
    for (const [index, { purchase, request }] of attempts.entries()) {
      const askedAtMs = this.#parts.clock.nowMs();
      this.#unsettled.set(id, { token: request.clientToken, atMs: askedAtMs });
      try {
        const instance = await this.#parts.api.runInstance(request, signal);
        this.#settle(group, id, instance);
        if (purchase === 'spot') this.#learn(group, 'accepted', askedAtMs);
        return;
      } catch (reason) {
        const failure = toDriverError(reason, `launching host "${id}" as ${purchase}`, signal);
        if (wasLaunchedBefore(failure)) {
          this.#settle(group, id);
          if (refusalName(failure) === MISMATCH) this.#learnMismatch(id);
          return;
        }
        if (!mayFitElsewhere(failure)) throw failure;
        this.#unsettled.delete(id);
        if (refusal === undefined || failure.code === 'SCALER_DRIVER_CAPACITY') refusal = failure;
        if (purchase === 'spot' && attempts[index + 1]?.purchase !== 'spot') {
          this.#learn(group, 'refused', askedAtMs);
        }
      }
    }
    if (refusal) throw refusal;
  }

  #attemptsOf(group: string, id: string): readonly LaunchAttempt[] {
    const { options, clock } = this.#parts;
    const token = this.#unsettled.get(id)?.token;
    const mayBeSpot = token !== undefined || (this.#inherited.get(group)?.has(id) ?? false);
    const purchases = purchasesFor(options.purchase, this.#market, clock.nowMs(), mayBeSpot);
    const attempts = launchAttempts(group, id, purchases, options, this.#mismatches.get(id)?.round);
    const from = attempts.findIndex(({ request }) => request.clientToken === token);
    return from > 0 ? attempts.slice(from) : attempts;
  }

  /** EC2 remembers tokens of launches that it refused too. One that is ordered still when lists would show its host was refused: it gets tokens of a new round. */
  #learnMismatch(id: string): void {
    const { clock, options } = this.#parts;
    const nowMs = clock.nowMs();
    const { sinceMs, round } = this.#mismatches.get(id) ?? { sinceMs: nowMs, round: 0 };
    const isOver = nowMs - sinceMs >= options.listGraceSeconds * 1_000;
    this.#mismatches.set(id, isOver ? { sinceMs: nowMs, round: round + 1 } : { sinceMs, round });
  }

  #forgetOldQuestions(): void {
    const nowMs = this.#parts.clock.nowMs();
    for (const [id, { sinceMs }] of this.#mismatches) {
      if (nowMs - sinceMs > QUESTION_MS) this.#mismatches.delete(id);
    }
    for (const [id, { atMs }] of this.#unsettled) {
      if (nowMs - atMs > QUESTION_MS) this.#unsettled.delete(id);
    }
  }

  #settle(group: string, id: string, instance?: Ec2Instance): void {
    this.#unsettled.delete(id);
    if (instance) this.#launched.set(id, { group, instance, atMs: this.#parts.clock.nowMs() });
  }

  #learn(group: string, kind: 'accepted' | 'refused', askedAtMs: number): void {
    const { clock, rules, options, onSpotShut } = this.#parts;
    if (options.purchase !== 'spot-first') return;
    const before = this.#market;
    this.#market = afterSpot(before, { kind, askedAtMs, atMs: clock.nowMs() }, rules);
    if (this.#market !== before && this.#market.kind === 'shut') onSpotShut(group, this.#market);
  }
}

/** There is no room here now, or never such a machine: not every zone has every type, nor every type as spot. */
function mayFitElsewhere(failure: ScalerError): boolean {
  return failure.code === 'SCALER_DRIVER_CAPACITY' || refusalName(failure) === 'Unsupported';
}

const MISMATCH = 'IdempotentParameterMismatch';

/** EC2 knows the token: from before somebody changed the group's options, or its instance has ended since. Either way there is nothing to launch, as long as lists may be late. */
function wasLaunchedBefore(failure: ScalerError): boolean {
  return [MISMATCH, 'IdempotentInstanceTerminated'].includes(refusalName(failure));
}
