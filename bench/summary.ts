import type { Round } from './measure.ts';
import { median, percentile } from './percentile.ts';

/** All rounds of one workload on one target. */
export interface Summary {
  readonly rounds: number;
  /** The middle round, the mean of the middle two of an even number; with the slowest and the fastest. */
  readonly requestsPerSecond: number;
  readonly slowestPerSecond: number;
  readonly fastestPerSecond: number;
  readonly chunksPerSecond: number;
  /** Over the answers of all rounds together. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly requests: number;
  readonly refused: number;
  readonly broken: number;
  readonly checked: number;
  readonly wrong: number;
  /** `undefined` where the machine doesn't tell. */
  readonly cpu: CpuSummary | undefined;
}

/** CPU time of all rounds together. */
export interface CpuSummary {
  /** Microseconds of the process under test for each answered request. */
  readonly targetMicros: number;
  /** Microseconds of the process under test and the backends together for each answered request. */
  readonly withBackendsMicros: number;
  /** Share of one CPU that making the load took; near 1 it bounds what could be measured. */
  readonly loadRatio: number;
  /** Shares of all CPU time that strangers and the hypervisor took. */
  readonly foreignRatio: number;
  readonly stealRatio: number;
}

/** Puts the rounds of one workload on one target together. */
export function summarize(rounds: readonly Round[], textsPerRequest: number): Summary {
  const sum = (field: (round: Round) => number) => rounds.reduce((total, round) => total + field(round), 0);
  const rates = rounds.map(({ latenciesMs, seconds }) => latenciesMs.length / seconds);
  const latenciesMs = rounds.flatMap((round) => round.latenciesMs);
  const requestsPerSecond = median(rates);
  return {
    rounds: rounds.length,
    requestsPerSecond,
    slowestPerSecond: percentile(rates, 0),
    fastestPerSecond: percentile(rates, 1),
    chunksPerSecond: requestsPerSecond * textsPerRequest,
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
    requests: latenciesMs.length,
    refused: sum(({ refused }) => refused),
    broken: sum(({ broken }) => broken),
    checked: sum(({ checked }) => checked),
    wrong: sum(({ wrong }) => wrong),
    cpu: cpuSummary(rounds, latenciesMs.length),
  };
}

function cpuSummary(rounds: readonly Round[], requests: number): CpuSummary | undefined {
  const uses = rounds.flatMap(({ cpu }) => (cpu === undefined ? [] : [cpu]));
  if (uses.length < rounds.length) return undefined;
  const sum = (field: keyof (typeof uses)[number]) => uses.reduce((total, use) => total + use[field], 0);
  const seconds = rounds.reduce((total, round) => total + round.seconds, 0);
  return {
    targetMicros: (sum('target') / requests) * 1e6,
    withBackendsMicros: (sum('withBackends') / requests) * 1e6,
    loadRatio: sum('load') / seconds,
    foreignRatio: sum('foreign') / sum('total'),
    stealRatio: sum('steal') / sum('total'),
  };
}
