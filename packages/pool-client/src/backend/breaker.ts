import { EventEmitter } from 'node:events';
import CircuitBreaker from 'opossum';

export type BreakerState = 'closed' | 'half-open' | 'open';

/** Watches the outcomes of one backend and says when to leave it alone. */
export interface Breaker {
  readonly state: BreakerState;
  /** Runs the action whatever the state; `failed` says which results count against the backend. */
  run<T>(action: () => Promise<T>, failed: (result: T) => boolean): Promise<T>;
  /** Lets the backend back in. */
  close(): void;
  /** Ends the breaker's timers. */
  shutdown(): void;
}

export interface BreakerOptions {
  /** Batches in the window before a ratio means anything. @default 5 */
  readonly minBatches: number;
  /** Percentage of failures in the window that opens it. @default 50 */
  readonly failurePercentage: number;
  /** Milliseconds of the window. @default 10,000 */
  readonly windowMs: number;
  /** Milliseconds until an open breaker asks for a probe. @default 2,000 */
  readonly resetTimeoutMs: number;
}

export const DEFAULT_BREAKER: BreakerOptions = Object.freeze({
  minBatches: 5,
  failurePercentage: 50,
  windowMs: 10_000,
  resetTimeoutMs: 2_000,
});

/** One timer turns the windows of all breakers; opossum would start one each. */
const sharedRotation = new EventEmitter();
sharedRotation.setMaxListeners(0);
let rotating = 0;
let rotationTimer: NodeJS.Timeout | undefined;

/**
 * A circuit breaker by opossum. It never refuses work itself: whether an open backend gets some anyway (it is the last
 * one, or this is the probe) is the pool's decision.
 */
export function breaker(options: BreakerOptions, onChange: (state: BreakerState) => void): Breaker {
  const circuit = new CircuitBreaker((action: () => Promise<void>) => action(), {
    timeout: false,
    errorThresholdPercentage: options.failurePercentage,
    volumeThreshold: options.minBatches,
    resetTimeout: options.resetTimeoutMs,
    rollingCountTimeout: options.windowMs,
    rollingPercentilesEnabled: false,
    enableSnapshots: false,
    rotateBucketController: sharedRotation,
  });
  circuit.on('open', () => onChange('open'));
  circuit.on('halfOpen', () => onChange('half-open'));
  circuit.on('close', () => onChange('closed'));
  startRotation(options.windowMs);
  return {
    get state() {
      return circuit.halfOpen ? 'half-open' : circuit.opened ? 'open' : 'closed';
    },
    async run(action, failed) {
      const guarded = circuit.closed || (circuit.halfOpen && circuit.pendingClose);
      if (!guarded) {
        const result = await action();
        if (!failed(result)) circuit.close();
        return result;
      }
      const outcome: { result?: Awaited<ReturnType<typeof action>> } = {};
      try {
        await circuit.fire(async () => {
          outcome.result = await action();
          if (failed(outcome.result)) throw COUNTED;
        });
      } catch (error) {
        if (error !== COUNTED) throw error;
      }
      // The action has run to its end on both roads here, so there is a result.
      return outcome.result as Awaited<ReturnType<typeof action>>;
    },
    close: () => circuit.close(),
    shutdown() {
      circuit.shutdown();
      stopRotation();
    },
  };
}

/** How a counted failure travels through opossum, which knows only rejections. */
const COUNTED = new Error('counted against the backend');

function startRotation(windowMs: number): void {
  rotating += 1;
  rotationTimer ??= setInterval(() => sharedRotation.emit('rotate'), windowMs / 10).unref();
}

function stopRotation(): void {
  rotating -= 1;
  if (rotating > 0) return;
  clearInterval(rotationTimer);
  rotationTimer = undefined;
}
