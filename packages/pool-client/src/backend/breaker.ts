import { EventEmitter } from 'node:events';
import CircuitBreaker from 'opossum';

export type BreakerState = 'closed' | 'half-open' | 'open';

/** Watches the outcomes of one backend and says when to leave it alone. */
export interface Breaker {
  readonly state: BreakerState;
  /** Counts one outcome. A good one closes an open breaker: whoever tried it anyway was right. */
  record(outcome: 'good' | 'bad'): void;
  /** Ends the breaker's timers; nothing is counted any more. */
  shutdown(): void;
}

export interface BreakerOptions {
  /** Batches in the window before a ratio means anything. @default 5 */
  readonly minBatches: number;
  /** More failures than this percentage of the window open it. @default 50 */
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
  const circuit = new CircuitBreaker(settle, {
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
  let ended = false;
  return {
    get state() {
      return circuit.halfOpen ? 'half-open' : circuit.opened ? 'open' : 'closed';
    },
    record(outcome) {
      if (ended) return;
      if (outcome === 'good' && !circuit.closed) circuit.close();
      // While it is open a bad outcome is no news.
      else if (!circuit.opened) circuit.fire(outcome).catch(ignoreCounted);
    },
    shutdown() {
      if (ended) return;
      ended = true;
      circuit.shutdown();
      stopRotation();
    },
  };
}

/** How a bad outcome travels through opossum, which knows only actions that fail. */
const COUNTED = new Error('counted against the backend');

/** Throws at once rather than reject, so that the breaker is open before the next batch is planned. */
function settle(outcome: 'good' | 'bad'): Promise<void> {
  if (outcome === 'bad') throw COUNTED;
  return Promise.resolve();
}

function ignoreCounted(error: unknown): void {
  if (error !== COUNTED) throw error;
}

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
