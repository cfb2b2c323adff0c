/** How a backend embeds the canary texts. */
export interface Fingerprint {
  /** Of the short ones, and so of all. */
  readonly dimensions: number;
  /** The vectors of `shortCanaries`, in their order. */
  readonly short: readonly (readonly number[])[];
  /**
   * The vector of `longCanary`. `refused` by servers that don't cut what is too long for them (TEI without truncation, vLLM): that tells
   * nothing of the model, so it is neither like nor unlike another's.
   */
  readonly long: readonly number[] | 'refused';
}

/** `short` has a vector for each of `shortCanaries`; all have been verified: as long as each other, finite, none of norm 0. */
export function fingerprintOf(short: Fingerprint['short'], long: Fingerprint['long']): Fingerprint {
  return { dimensions: short[0]?.length ?? 0, short, long };
}
