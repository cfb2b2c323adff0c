/** What a host's answers to probes have been so far. */
export type ProbeHistory =
  | { readonly kind: 'never-answered' }
  /** It did answer; `failures`: probes without an answer since, in a row. */
  | { readonly kind: 'answered'; readonly failures: number };

/** The history with one more probe in it. */
export function afterProbe(history: ProbeHistory, answers: boolean): ProbeHistory {
  if (answers) return { kind: 'answered', failures: 0 };
  return history.kind === 'answered' ? { kind: 'answered', failures: history.failures + 1 } : history;
}

/** `starting` until the first answer; `unhealthy` after so many failures in a row, until it answers again. */
export function stateAfter(
  history: ProbeHistory,
  unhealthyAfter: number,
): 'starting' | 'ready' | 'unhealthy' {
  if (history.kind === 'never-answered') return 'starting';
  return history.failures >= unhealthyAfter ? 'unhealthy' : 'ready';
}
