import type { Backend } from '../backend/backend.ts';
import type { Clock } from '../clock.ts';

/** How long a backend that embedded a harmless text is taken to be well, in milliseconds. */
const VALID_MS = 1_000;

/**
 * Asks backends whether they embed a harmless text; each once a second, or one question after the other where it must be the latest news, so that
 * a flood of bad texts costs no flood of questions.
 */
export class ControlQuestions {
  readonly #clock: Clock;
  /** Goes with its backend. */
  readonly #asked = new WeakMap<Backend, { readonly askedMs: number; readonly passed: Promise<boolean> }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param sinceMs Only what was asked at this moment or later counts. @default a second ago */
  passes(backend: Backend, sinceMs?: number): Promise<boolean> {
    const nowMs = this.#clock.nowMs();
    const known = this.#asked.get(backend);
    const isNews =
      known && (sinceMs === undefined ? nowMs - known.askedMs < VALID_MS : known.askedMs >= sinceMs);
    if (isNews) return known.passed;
    const passed = backend.probe();
    this.#asked.set(backend, { askedMs: nowMs, passed });
    return passed;
  }
}
