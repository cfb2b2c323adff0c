/** How long a batch takes: `aMs + bMs·texts + cMs·tokens`, tokens counted after padding to the longest text. */
export type ServiceTime = {
  /** Milliseconds for a batch of any size. */
  readonly aMs: number;
  /** Milliseconds for each text. */
  readonly bMs: number;
  /** Milliseconds for each token, padding included. */
  readonly cMs: number;
};

/**
 * The tokens that a padded batch costs: the number of texts times the tokens of the longest, a token being four
 * characters, at least one and at most `maxTokens` to a text.
 *
 * @example
 * paddedTokens(['a'.repeat(40), 'b']); // 20: two texts of ten tokens
 */
export function paddedTokens(texts: readonly string[], maxTokens: number = Number.POSITIVE_INFINITY): number {
  let longest = 1;
  for (const text of texts) longest = Math.max(longest, text.length);
  return texts.length * Math.min(maxTokens, Math.ceil(longest / 4));
}

/** Milliseconds that a batch takes without jitter. */
export function serviceTimeMs(texts: readonly string[], time: ServiceTime, maxTokens?: number): number {
  const tokensMs = time.cMs === 0 ? 0 : time.cMs * paddedTokens(texts, maxTokens);
  return time.aMs + time.bMs * texts.length + tokensMs;
}

/** `timeMs` changed by at most the share `jitter` (0 to 1) in either direction. */
export function withJitter(timeMs: number, jitter: number, random: () => number): number {
  return jitter === 0 || timeMs === 0 ? timeMs : timeMs * (1 + jitter * (2 * random() - 1));
}
