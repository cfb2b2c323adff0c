/** What came of asking the model server of this host. */
export type ProbeOutcome =
  | { readonly kind: 'well' }
  /** It answers that it isn't well. */
  | { readonly kind: 'unwell'; readonly because: string }
  /** It doesn't answer; it may be busy. */
  | { readonly kind: 'silent'; readonly because: string };

/** How the host is. `starting`: it has not been well since the agent was started. */
export type HostHealth =
  | { readonly kind: 'starting'; readonly sinceMs: number }
  /** `silences`: probes without an answer, in a row. */
  | { readonly kind: 'ready'; readonly silences: number }
  | { readonly kind: 'unhealthy'; readonly because: string };

export interface HealthOptions {
  /** So many probes in a row without an answer make a host unhealthy. */
  readonly toleratedSilences: number;
  /** One that isn't well for so long after the start is unhealthy. */
  readonly startSeconds: number;
}

/** The health after one more probe: one good answer is enough for `ready`, one bad answer for `unhealthy`, silence must last. */
export function nextHealth(
  health: HostHealth,
  outcome: ProbeOutcome,
  { toleratedSilences, startSeconds }: HealthOptions,
  nowMs: number,
): HostHealth {
  if (outcome.kind === 'well') return { kind: 'ready', silences: 0 };
  const { because } = outcome;
  switch (health.kind) {
    case 'starting':
      return nowMs - health.sinceMs < startSeconds * 1_000
        ? health
        : { kind: 'unhealthy', because: `it was not well within ${startSeconds} s: ${because}` };
    case 'ready': {
      if (outcome.kind === 'unwell') return { kind: 'unhealthy', because };
      const silences = health.silences + 1;
      return silences < toleratedSilences
        ? { kind: 'ready', silences }
        : { kind: 'unhealthy', because: `${silences} times in a row ${because}` };
    }
    case 'unhealthy':
      return health;
  }
}
