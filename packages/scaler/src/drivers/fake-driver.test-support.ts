import { ScalerError } from '../errors.ts';
import type { ObservedReplica } from '../values/replica.ts';
import type { Driver, ScaleOrder } from './driver.ts';
import { FakePlatform, type FakePlatformOptions } from './fake-platform.test-support.ts';

/** What goes wrong with one call. `launches`: how many replicas are launched before it does; removals are always done by then. */
export type FakeFault =
  /** Fails, and nothing has happened. */
  | { readonly kind: 'fails' | 'throttled' }
  /** Fails, but it has happened, wholly or up to `launches`. */
  | { readonly kind: 'fails-after'; readonly launches?: number }
  /** The scaler dies before, in or after the call: a {@link SimulatedCrash} is thrown, which nothing may catch. */
  | { readonly kind: 'crashes-before' }
  | { readonly kind: 'crashes-after'; readonly launches?: number }
  /** Answers never; rejects when the call's signal is aborted. */
  | { readonly kind: 'hangs' };

/** Thrown where a scaler was killed; not a `ScalerError`, so that code which handles those lets it pass. */
export class SimulatedCrash extends Error {
  override readonly name = 'SimulatedCrash';
}

/** A call that a driver got. */
export type FakeCall =
  | { readonly kind: 'list'; readonly group: string }
  | { readonly kind: 'scale'; readonly order: ScaleOrder };

/**
 * A driver over a {@link FakePlatform}; several over one platform stand for several runs of a scaler.
 *
 * @example
 * const driver = new FakeDriver({ clock, startupMs: 30_000 });
 * driver.script('scale', { kind: 'crashes-after', launches: 1 });
 */
export class FakeDriver implements Driver {
  readonly name = 'fake';
  readonly namesReplicas: boolean;
  readonly choosesRemoved: boolean;
  readonly strangers = 'adopt';
  readonly listGraceSeconds = 0;
  readonly leastTickSeconds = 0;
  readonly platform: FakePlatform;
  /** Every call, those that failed included. */
  readonly calls: FakeCall[] = [];
  closed = false;
  readonly #faults: Record<FakeCall['kind'], (FakeFault | undefined)[]> = { list: [], scale: [] };

  constructor(platform: FakePlatform | FakePlatformOptions) {
    this.platform = platform instanceof FakePlatform ? platform : new FakePlatform(platform);
    this.namesReplicas = this.platform.options.namesReplicas;
    this.choosesRemoved = this.platform.options.choosesRemoved;
  }

  /** What the next calls of this kind meet, one each; `undefined` lets one pass. */
  script(call: FakeCall['kind'], ...faults: readonly (FakeFault | undefined)[]): void {
    this.#faults[call].push(...faults);
  }

  async list(group: string, signal: AbortSignal): Promise<readonly ObservedReplica[]> {
    this.calls.push({ kind: 'list', group });
    return this.#meet('list', signal, () => this.platform.shown(group));
  }

  async scale(order: ScaleOrder, signal: AbortSignal): Promise<void> {
    this.calls.push({ kind: 'scale', order });
    return this.#meet('scale', signal, (launches) => this.platform.carryOut(order, launches));
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  async #meet<T>(call: FakeCall['kind'], signal: AbortSignal, act: (launches?: number) => T): Promise<T> {
    if (signal.aborted) throw givenUp(call, signal);
    const fault = this.#faults[call].shift();
    switch (fault?.kind) {
      case undefined:
        return act();
      case 'fails':
        throw failed(call);
      case 'throttled':
        throw new ScalerError('SCALER_DRIVER_THROTTLED', `${call}: too many calls`, { retryable: true });
      case 'fails-after':
        act(fault.launches);
        throw failed(call);
      case 'crashes-before':
        throw new SimulatedCrash(`killed before ${call}`);
      case 'crashes-after':
        act(fault.launches);
        throw new SimulatedCrash(`killed after ${call}`);
      case 'hangs':
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        throw givenUp(call, signal);
    }
  }
}

function failed(call: FakeCall['kind']): ScalerError {
  return new ScalerError('SCALER_DRIVER_FAILED', `${call}: the connection was cut`, { retryable: true });
}

function givenUp(call: FakeCall['kind'], signal: AbortSignal): ScalerError {
  const { reason } = signal;
  return new ScalerError('SCALER_DRIVER_FAILED', `${call}: given up`, { cause: reason, retryable: true });
}
