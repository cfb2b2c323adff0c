import { count, milliseconds, percent } from '../format.ts';
import { withCpu } from '../measure.ts';
import type { Surroundings } from '../run-program.ts';
import { drive } from './drive.ts';
import type { DuelRow, DuelTable } from './duel-report.ts';
import { type DuelRound, type DuelSummary, summarizeDuel } from './duel-summary.ts';
import { quietest } from './noise.ts';
import { IDEAL_PER_SECOND } from './pool.ts';
import type { Rival } from './rivals.ts';
import { forgetWork, settle, workedChunks } from './server-work.ts';
import type { Workload } from './workloads.ts';

/** How long and how often each workload runs on each rival. */
export interface DuelPace {
  readonly rounds: number;
  readonly stretches: Readonly<Record<Workload['stretch'], Stretch>>;
  /**
   * How long each rival serves the first workload before anything counts, in milliseconds: V8 compiles, proxies fill their connections, the
   * gateway gets to know its backends.
   */
  readonly settleInMs: number;
  /** Noisy rounds that may be repeated in the whole run. */
  readonly repeats: number;
}

/** How long load is on. */
export interface Stretch {
  readonly warmUpMs: number;
  readonly countedMs: number;
}

/** One workload and what each rival did under it. */
export interface Duel {
  readonly workload: Workload;
  readonly results: readonly {
    readonly rival: Rival;
    readonly summary: DuelSummary;
    readonly repeats: number;
  }[];
}

/**
 * Runs all workloads on all rivals in alternating rounds. Every other round goes backwards, so that nobody always comes after
 * the same neighbour.
 */
export async function runDuel(
  rivals: readonly Rival[],
  workloads: readonly Workload[],
  pace: DuelPace,
  { say, signal }: Pick<Surroundings, 'say' | 'signal'>,
): Promise<readonly Duel[]> {
  const cells = workloads.flatMap((workload) => {
    const streams = workload.streams();
    return rivals.map((rival) => ({ workload, streams, rival, rounds: [] as DuelRound[], repeats: 0 }));
  });
  const [first] = cells;
  for (const rival of first && pace.settleInMs > 0 ? rivals : []) {
    say(`${rival.plan.name} settles in`);
    const { urls, servers } = rival;
    const stretch = { warmUpMs: 0, countedMs: pace.settleInMs, onCounting: () => undefined };
    await drive({
      urls,
      streams: first?.streams ?? [],
      signal,
      workedChunks: () => workedChunks(servers),
      ...stretch,
    });
    await settle(servers, signal);
  }
  let [done, repeatsLeft] = [0, pace.repeats];
  for (let round = 0; round < pace.rounds; round += 1) {
    for (const cell of round % 2 === 0 ? cells : cells.toReversed()) {
      const { workload, streams, rival } = cell;
      const { urls, servers, pids } = rival;
      const run = async () => {
        await forgetWork(servers);
        const plan = {
          urls,
          streams,
          signal,
          workedChunks: () => workedChunks(servers),
          ...pace.stretches[workload.stretch],
        };
        const serverPids = servers.flatMap((server) => server.pids());
        const result = await withCpu((onCounting) => drive({ ...plan, onCounting }), pids(), serverPids);
        await settle(servers, signal);
        return result;
      };
      const mayRepeat = () => {
        if (repeatsLeft === 0) return false;
        repeatsLeft -= 1;
        say(`noisy, once more (${repeatsLeft} repeats left): ${workload.name}, ${rival.plan.name}`);
        return true;
      };
      const { round: kept, repeats } = await quietest(run, mayRepeat);
      cell.rounds.push(kept);
      cell.repeats += repeats;
      done += 1;
      say(
        `${done}/${cells.length * pace.rounds} ${workload.name}, ${rival.plan.name}: ${shown(kept, workload)}`,
      );
    }
  }
  return workloads.map((workload) => ({
    workload,
    results: cells
      .filter((cell) => cell.workload === workload)
      .map(({ rival, rounds, repeats }) => ({
        rival,
        repeats,
        summary: summarizeDuel(rounds, workload.counted, IDEAL_PER_SECOND),
      })),
  }));
}

/** The table of one duel; `all` are those of the same run, to compare with what is not disturbed. */
export function tableOf({ workload, results }: Duel, all: readonly Duel[]): DuelTable {
  const undisturbed = all.find((duel) => duel.workload.name === workload.undisturbed);
  const rows = results.map(({ rival, summary, repeats }): DuelRow => {
    const beside = undisturbed?.results.find((result) => result.rival === rival)?.summary.chunksPerSecond;
    return {
      rival: rival.plan.title,
      summary,
      repeats,
      ...(beside === undefined ? {} : { undisturbedPerSecond: beside }),
    };
  });
  return { title: workload.title, about: `\`--only ${workload.name}\`: ${workload.about}`, rows };
}

function shown(round: DuelRound, { counted }: Workload): string {
  const { chunksPerSecond, shareOfIdeal, p50Ms, p99Ms, failures, cpu } = summarizeDuel(
    [round],
    counted,
    IDEAL_PER_SECOND,
  );
  const failed = [...failures].map(([why, times]) => `, ${times} × ${why}`).join('');
  const latencies = `p50 ${milliseconds(p50Ms)}, p99 ${milliseconds(p99Ms)} ms`;
  const noise = cpu ? `; foreign CPU ${percent(cpu.foreignRatio)}, steal ${percent(cpu.stealRatio)}` : '';
  return `${count(chunksPerSecond)} chunks/s (${percent(shareOfIdeal)}), ${latencies}${failed}${noise}`;
}
