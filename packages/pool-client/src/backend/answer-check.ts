import type { Fingerprint } from '../identity/fingerprint.ts';
import type { VectorBytes } from '../protocol/vector-bytes.ts';
import { verifyVectors } from '../protocol/verify-vectors.ts';
import type { Flaw } from './exchange.ts';

/** Checks the answers of one backend against what it showed when it was let in. */
export class AnswerCheck {
  readonly #mode: 'fast' | 'full';
  #expectations: { readonly dimensions: number; readonly norm: number } | undefined;
  #samples = 0;

  constructor(mode: 'fast' | 'full') {
    this.#mode = mode;
  }

  /** Of the vectors it sends; undefined before it was let in. */
  get dimensions(): number | undefined {
    return this.#expectations?.dimensions;
  }

  expect({ dimensions, short }: Fingerprint): void {
    this.#expectations = { dimensions, norm: Math.hypot(...(short[0] ?? [])) };
  }

  /** What is wrong with an answer; undefined when nothing is. One vector in turn is read whole, all of them where `trusted` is not given. */
  flawOf(vectors: readonly VectorBytes[], trusted: boolean): Flaw | undefined {
    this.#samples += 1;
    const verdict = verifyVectors(vectors, {
      mode: trusted ? this.#mode : 'full',
      sampleIndex: this.#samples % vectors.length,
      ...this.#expectations,
    });
    if (verdict.kind === 'ok') return undefined;
    // Of one that was never in service nothing is believed beside a flaw.
    return this.#expectations ? verdict : { ...verdict, badIndices: [...vectors.keys()] };
  }
}

/** The same for canary texts, with which nothing is compared here. */
export function canaryFlawOf(vectors: readonly VectorBytes[]): Flaw | undefined {
  const verdict = verifyVectors(vectors, { mode: 'full', sampleIndex: 0 });
  return verdict.kind === 'ok' ? undefined : verdict;
}
