import { duelChart } from './duel/chart.ts';
import { type DuelCommand, duelHelp, parseDuelCommand } from './duel/duel-command.ts';
import { renderTable } from './duel/duel-report.ts';
import { failedRequests } from './duel/duel-summary.ts';
import { IDEAL_PER_SECOND, MERGING } from './duel/pool.ts';
import { RIVALS, type RivalPlan, startRivals } from './duel/rivals.ts';
import { type Duel, type DuelPace, runDuel, type Stretch, tableOf } from './duel/run-duel.ts';
import { WORKLOADS } from './duel/workloads.ts';
import { count } from './format.ts';
import { describeMachine } from './machine.ts';
import { haproxyVersion, nginxVersion } from './proxies.ts';
import { renderPreamble } from './report.ts';
import { runProgram, type Surroundings, writeResult } from './run-program.ts';

const FULL: DuelPace = {
  rounds: 3,
  settleInMs: 12_000,
  stretches: {
    short: { warmUpMs: 1_500, countedMs: 4_000 },
    long: { warmUpMs: 2_000, countedMs: 3_000 },
    longest: { warmUpMs: 2_000, countedMs: 4_000 },
  },
  repeats: 8,
};
const QUICK: DuelPace = {
  rounds: 1,
  settleInMs: 0,
  stretches: {
    short: { warmUpMs: 200, countedMs: 400 },
    long: { warmUpMs: 200, countedMs: 500 },
    longest: { warmUpMs: 400, countedMs: 600 },
  },
  repeats: 0,
};

await runProgram('bench:duel', async (surroundings) => {
  const command = parseDuelCommand(process.argv.slice(2));
  if (command.kind === 'help') process.stdout.write(duelHelp);
  else await run(command, surroundings);
});

async function run(
  { quick, workloads, rivals: plans, name }: Extract<DuelCommand, { kind: 'run' }>,
  surroundings: Surroundings,
): Promise<void> {
  const { say, processes } = surroundings;
  const pace = quick ? QUICK : FULL;
  const left = plans.flatMap((plan) => {
    const why = plan.missing();
    return why === undefined ? [] : [{ plan, why }];
  });
  const present = plans.filter((plan) => left.every((other) => other.plan !== plan));
  for (const { plan, why } of left) say(`${plan.title} is left out: ${why}`);
  say(`starting the servers and ${present.map(({ title }) => title).join(', ')}`);
  const duels = await runDuel(await startRivals(processes, present), workloads, pace, surroundings);
  await processes.endAll();
  const tables = duels.map((duel) => renderTable(tableOf(duel, duels))).join('\n');
  process.stdout.write(`\n${tables}`);
  if (name === undefined) return;
  const date = new Date().toISOString();
  const preamble = renderPreamble({
    date,
    command: ['pnpm bench:duel', ...process.argv.slice(2)].join(' '),
    machine: describeMachine([
      ['nginx', nginxVersion() ?? 'not installed'],
      ['HAProxy', haproxyVersion() ?? 'not installed'],
    ]),
    notes: [
      ...notesOn(pace),
      ...present.map(({ title, about }) => `${title}: ${about}.`),
      ...left.map(missing),
    ],
  });
  writeResult(`${date.slice(0, 10)}-${name}.md`, `${preamble}\n${tables}`, say);
  if (workloads === WORKLOADS && plans === RIVALS) writeResult('duel.svg', chartOf(duels, date), say);
  else say('bench/results/duel.svg is only drawn of all rivals and workloads');
}

function missing({ plan, why }: { readonly plan: RivalPlan; readonly why: string }): string {
  return `Left out: ${plan.title}: ${why}.`;
}

function chartOf(duels: readonly Duel[], date: string): string {
  const groups = duels.map(({ workload, results }) => ({
    title: workload.title,
    bars: results.map(({ rival, summary }) => ({
      label: rival.plan.title,
      own: rival.plan.name === 'gateway',
      share: summary.shareOfIdeal,
      p50Ms: summary.p50Ms,
      p99Ms: summary.p99Ms,
      failures: failedRequests(summary.failures),
    })),
  }));
  return duelChart(groups, {
    ideal: `100 % is ${count(IDEAL_PER_SECOND)} chunks/s, all that these servers can do; in the open loop the 2,916 asked for`,
    source: `pnpm bench:duel, ${date.slice(0, 10)}`,
  });
}

function notesOn({ rounds, stretches, repeats, settleInMs }: DuelPace): readonly string[] {
  return [
    `Pool: five simulated servers with one worker each, one like a GPU (6 + 0.22·n ms for a batch of n chunks) and four like CPUs (2 + 1.6·n ms). Ideal: all of them always busy with batches of 128, 128/34.16 ms + 4 · 128/206.8 ms = ${count(IDEAL_PER_SECOND)} chunks/s. Larger batches do a little more, so more than 100 % is possible.`,
    `${rounds} rounds of each cell (single texts ${seconds(stretches.short)}, 1,000 texts ${seconds(stretches.long)}, 1 to 1,000 texts ${seconds(stretches.longest)}), the rivals in turn, every other round backwards, after each has served the first workload for ${settleInMs / 1_000} s. Chunks/s is the middle round; latencies and CPU time are of all rounds together. All rivals are up at the same time; a round begins when the servers have finished what the one before left behind.`,
    `A round in which strangers took more than 10 % of the machine's CPU time or the hypervisor more than 2 % is repeated, twice at most and ${repeats} times in the whole run; the quietest counts ("repeats").`,
    'Closed loop: a caller sends its next request when it has its answer, latency from sending to the last byte. Open loop: requests come at random moments whatever became of those before, latency from the moment they were due; no answer 1 s after the end is a failure, and 100 % is what was asked for. When counting ends no more is sent, and what is under way is waited for: it counts in the latencies, so that slow answers are not left out.',
    'Chunks/s of a closed loop are what the servers worked on while it was counted, running batches for the share of their time, times the share of all their work that came back in right answers: a few large answers more or less at the end are no matter of luck.',
    'Every vector of every answer is compared with the only right one, byte for byte. CPU: the process under test (nginx: its workers), in percent of one core. Load CPU: the process that makes the load, the same; near 100 % it would be the bound. Foreign CPU and steal: shares of the whole machine.',
    `The load comes from sockets in one process of its own and not from autocannon, which can neither spread the requests of a caller over five servers, nor send on without answers, nor mix two kinds of callers.`,
    `The servers merge no requests (DJL's default batch_size of 1), but for "DJL batching": up to ${MERGING.batchSize} requests, counted as DJL does in requests whatever their size.`,
  ];
}

function seconds({ warmUpMs, countedMs }: Stretch): string {
  return `${countedMs / 1_000} s after ${warmUpMs / 1_000} s of warm-up`;
}
