import type { CpuUse } from '../measure.ts';
import { median, percentile } from '../percentile.ts';
import type { DriveResult } from './drive.ts';
import { FELL_BEHIND, type StreamResult } from './ledger.ts';

/** One round of one workload on one rival. */
export interface DuelRound extends DriveResult {
  readonly cpu: CpuUse | undefined;
}

/** All rounds of one workload on one rival. */
export interface DuelSummary {
  /** Of the stream that counts: the middle round, with the slowest and the fastest. */
  readonly chunksPerSecond: number;
  readonly slowestPerSecond: number;
  readonly fastestPerSecond: number;
  /** The same as a share of what would be possible. */
  readonly shareOfIdeal: number;
  /** Over the answers of all rounds to the first stream. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Of all streams. */
  readonly failures: ReadonlyMap<string, number>;
  /** Answers of all streams whose every vector was compared. */
  readonly checked: number;
  /** `undefined` where the machine doesn't tell. */
  readonly cpu: DuelCpu | undefined;
}

/** Shares of CPU time over all rounds. */
export interface DuelCpu {
  /** Of one core: the process under test, and what makes the load. */
  readonly targetRatio: number;
  readonly loadRatio: number;
  /** Of the machine: strangers and the hypervisor. */
  readonly foreignRatio: number;
  readonly stealRatio: number;
}

/** Puts the rounds together. `possiblePerSecond` is what a share of 1 stands for, where an open loop didn't ask for less. */
export function summarizeDuel(
  rounds: readonly DuelRound[],
  counted: string,
  possiblePerSecond: number,
): DuelSummary {
  const rates: number[] = [];
  const shares: number[] = [];
  for (const round of rounds) {
    const stream = round.streams.find(({ name }) => name === counted);
    const rate = stream === undefined ? 0 : ratePerSecond(stream, round);
    const asked = stream?.kind === 'open' ? stream.dueChunks / round.seconds : Number.POSITIVE_INFINITY;
    rates.push(rate);
    shares.push(rate / Math.min(possiblePerSecond, asked));
  }
  const told = rounds.flatMap(({ streams: [first] }) => (first === undefined ? [] : [first]));
  const latenciesMs = told.flatMap((stream) => stream.latenciesMs);
  const all = rounds.flatMap(({ streams }) => streams);
  const failures = new Map<string, number>();
  for (const stream of all) {
    for (const [why, count] of stream.failures) failures.set(why, (failures.get(why) ?? 0) + count);
  }
  return {
    chunksPerSecond: median(rates),
    slowestPerSecond: percentile(rates, 0),
    fastestPerSecond: percentile(rates, 1),
    shareOfIdeal: median(shares),
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
    maxMs: percentile(latenciesMs, 1),
    failures,
    checked: all.reduce((sum, { checked }) => sum + checked, 0),
    cpu: cpuOf(rounds),
  };
}

/** Requests that were sent and got no right answer. */
export function failedRequests(failures: DuelSummary['failures']): number {
  let failed = 0;
  for (const [why, times] of failures) if (why !== FELL_BEHIND) failed += times;
  return failed;
}

/**
 * Chunks/s of a stream. Large answers are few, so how many of them fall into the counted time is luck; what the servers worked
 * on in that time is not. So a closed loop gets that rate, less the share of all work that no right answer of its came from.
 */
export function ratePerSecond(stream: StreamResult, round: DriveResult): number {
  if (stream.kind === 'open') return stream.countedChunks / round.seconds;
  return round.workedPerSecond * (stream.answeredChunks / round.workedChunks);
}

function cpuOf(rounds: readonly DuelRound[]): DuelCpu | undefined {
  const uses = rounds.flatMap(({ cpu }) => (cpu === undefined ? [] : [cpu]));
  if (uses.length < rounds.length) return undefined;
  const sum = (field: keyof CpuUse) => uses.reduce((total, use) => total + use[field], 0);
  const seconds = rounds.reduce((total, round) => total + round.seconds, 0);
  return {
    targetRatio: sum('target') / seconds,
    loadRatio: sum('load') / seconds,
    foreignRatio: sum('foreign') / sum('total'),
    stealRatio: sum('steal') / sum('total'),
  };
}
