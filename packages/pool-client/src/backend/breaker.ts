import { EventEmitter } from 'node:events';
import CircuitBreaker from 'opossum';
import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';
import {
  EJECTION_RULES,
  type Evidence,
  ejectionMs,
  FORGIVEN_AFTER_MS,
  probeAgainMs,
  whyEject,
} from './ejection.ts';

export type BreakerState = 'closed' | 'half-open' | 'open';

/** Watches the outcomes of one backend and says when to leave it alone. */
export interface Breaker {
  readonly state: BreakerState;
  /** Share of the batches in the window that failed, 0 to 1; 0 without any. */
  readonly failureShare: number;
  /** When it asks for a probe, on the pool's clock; undefined while it is closed. */
  readonly nextProbeMs: number | undefined;
  /**
   * Counts one outcome: of a batch that ended, or of one that is overdue by far (`silent`), which says as much as `inARow` failures. A
   * good one closes an open breaker: whoever tried it anyway was right.
   */
  record(outcome: 'good' | 'bad' | 'silent'): void;
  /** Ends the breaker's timers; nothing is counted any more. */
  shutdown(): void;
}

export interface BreakerParts {
  readonly clock: Clock;
  readonly random: Random;
  /** Milliseconds in which batches count. @default 10,000 */
  readonly windowMs?: number;
  /** What decides; `others` tells of the other backends of the model. */
  readonly others: () => Pick<Evidence, 'othersServing' | 'othersFailureShare'>;
  readonly onChange: (state: BreakerState, reason: string) => void;
}

const WINDOW_MS = 10_000;

/** One timer turns the windows of all breakers; opossum would start one each. */
const sharedRotation = new EventEmitter();
sharedRotation.setMaxListeners(0);
let rotating = 0;
let rotationTimer: NodeJS.Timeout | undefined;

/**
 * A circuit breaker by opossum, which keeps the window and the state; `whyEject` decides when it opens and `ejectionMs` for how long. It
 * never refuses work itself: whether an open backend gets some anyway (no other serves, or this is the probe) is the pool's decision.
 */
export function breaker(parts: BreakerParts): Breaker {
  const { clock, random, others, onChange, windowMs = WINDOW_MS } = parts;
  // opossum reads the reset time when it opens: it is set anew before.
  const options: CircuitBreaker.Options = {
    timeout: false,
    // Never by itself: see whyEject.
    volumeThreshold: Number.MAX_SAFE_INTEGER,
    rollingCountTimeout: windowMs,
    rollingPercentilesEnabled: false,
    enableSnapshots: false,
    rotateBucketController: sharedRotation,
  };
  const circuit = new CircuitBreaker(settle, options);
  let inARow = 0;
  let ejections = 0;
  let closedSinceMs = clock.nowMs();
  let nextProbeMs: number | undefined;
  let reason = '';
  const prepareToOpen = (forMs: number) => {
    options.resetTimeout = forMs;
    nextProbeMs = clock.nowMs() + forMs;
  };
  circuit.on('open', () => onChange('open', reason));
  circuit.on('halfOpen', () => onChange('half-open', 'a probe decides whether it is let back'));
  circuit.on('close', () => {
    closedSinceMs = clock.nowMs();
    nextProbeMs = undefined;
    onChange('closed', 'it answers again');
  });
  startRotation(windowMs);
  let ended = false;
  const failed = (times: number) => {
    inARow += times;
    if (circuit.halfOpen) {
      reason = 'its probe failed';
      prepareToOpen(probeAgainMs(random));
    }
    circuit.fire('bad').catch(ignoreCounted);
    if (!circuit.closed) return;
    const { fires, failures } = circuit.stats;
    const why = whyEject({ inARow, batches: fires, failures, ...others() });
    if (why === undefined) return;
    const wellForMs = clock.nowMs() - closedSinceMs;
    ejections = 1 + Math.max(0, ejections - Math.floor(wellForMs / FORGIVEN_AFTER_MS));
    reason = why;
    prepareToOpen(ejectionMs(ejections, random));
    circuit.open();
  };
  return {
    get state() {
      return circuit.halfOpen ? 'half-open' : circuit.opened ? 'open' : 'closed';
    },
    get failureShare() {
      const { fires, failures } = circuit.stats;
      return fires === 0 ? 0 : failures / fires;
    },
    get nextProbeMs() {
      return nextProbeMs;
    },
    record(outcome) {
      if (ended) return;
      if (outcome !== 'good') {
        // While it is open a bad outcome is no news.
        if (!circuit.opened) failed(outcome === 'silent' ? EJECTION_RULES.inARow : 1);
        return;
      }
      inARow = 0;
      if (circuit.closed) circuit.fire('good').catch(ignoreCounted);
      else circuit.close();
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
