import type { Backend } from '../backend/backend.ts';
import type { Clock } from '../clock.ts';

/** How long a backend that embedded a harmless text is taken to be well, in milliseconds. */
const VALID_MS = 1_000;

/** Asks backends whether they embed a harmless text; each at most once a second, so that a flood of bad texts costs no flood of questions. */
export class ControlQuestions {
  readonly #clock: Clock;
  /** Goes with its backend. */
  readonly #asked = new WeakMap<Backend, { readonly askedMs: number; readonly passed: Promise<boolean> }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  passes(backend: Backend): Promise<boolean> {
    const nowMs = this.#clock.nowMs();
    const known = this.#asked.get(backend);
    if (known && nowMs - known.askedMs < VALID_MS) return known.passed;
    const passed = backend.probe();
    this.#asked.set(backend, { askedMs: nowMs, passed });
    return passed;
  }
}
