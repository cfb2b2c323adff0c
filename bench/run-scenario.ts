import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AnswerCheck,
  parseVectors,
  referenceCheck,
  requestKey,
  simulatedCheck,
} from './answer-check.ts';
import { measure, type Round } from './measure.ts';
import type { Section } from './report.ts';
import type { Surroundings } from './run-program.ts';
import type { Scenario } from './scenarios.ts';
import { summarize } from './summary.ts';
import { type RunningScenario, startScenario } from './targets.ts';
import { textsOf, WORKLOADS, type Workload } from './workloads.ts';

/** How long and how often each workload runs on each target. */
export interface Pace {
  readonly rounds: number;
  readonly warmUpMs: number;
  readonly countedMs: number;
}

/** Aborted requests still occupy a backend for a moment; the next round must not pay for them. */
const SETTLE_MS = 300;

/** Starts a scenario, runs its rounds and ends it; one that cannot be started is a section that says why. */
export async function runScenario(
  scenario: Scenario,
  pace: Pace,
  { processes, say, signal }: Surroundings,
): Promise<Section> {
  say(`${scenario.name}: starting`);
  const { name: title, about } = scenario;
  let running: RunningScenario;
  try {
    running = await startScenario(processes, scenario);
  } catch (error) {
    signal.throwIfAborted();
    await processes.endAll();
    const reason = error instanceof Error ? error.message.trim() : String(error);
    say(`${scenario.name}: left out: ${reason}`);
    return { title, about, rows: [], missing: [`all of it: ${reason.split(/;?\n/, 1)[0]}`] };
  }
  const { targets, backendPids, missing } = running;
  const runs = await Promise.all(
    WORKLOADS.map(async (workload) => ({ workload, check: await checkFor(scenario, running, workload) })),
  );
  const cells = runs.flatMap((run) => targets.map((target) => ({ ...run, target, measured: [] as Round[] })));
  for (let round = 0; round < pace.rounds; round += 1) {
    // Every other round goes backwards, so that nobody always comes after the same neighbour.
    for (const cell of round % 2 === 0 ? cells : cells.toReversed()) {
      const { workload, target, check } = cell;
      const plan = { url: target.djlUrl, workload, check, ...pace };
      const result = await measure(plan, target.pids(), backendPids);
      signal.throwIfAborted();
      cell.measured.push(result);
      const perSecond = Math.round(result.latenciesMs.length / result.seconds);
      say(
        `${title}: round ${round + 1} of ${pace.rounds}, ${workload.name}, ${target.name}: ${perSecond} requests/s`,
      );
      await sleep(SETTLE_MS);
    }
  }
  await processes.endAll();
  const rows = cells.map(({ workload, target, measured }) => ({
    workload: workload.name,
    target: target.name,
    summary: summarize(measured, workload.textsPerRequest),
  }));
  return { title, about, rows, missing };
}

async function checkFor(
  scenario: Scenario,
  { targets }: RunningScenario,
  workload: Workload,
): Promise<AnswerCheck> {
  if (scenario.backends.every(({ kind }) => kind === 'simulated')) return simulatedCheck(workload);
  return referenceCheck(await references(targets[0]?.djlUrl ?? '', workload));
}

/** How many texts are embedded beforehand to compare with; real ones take milliseconds each. */
const REFERENCE_TEXTS = 128;

/** What a backend answers, asked alone, to the first request of some connections. */
async function references(
  djlUrl: string,
  workload: Workload,
): Promise<ReadonlyMap<string, readonly (readonly number[])[]>> {
  const known = new Map<string, readonly (readonly number[])[]>();
  const connections = Math.min(workload.connections, REFERENCE_TEXTS / workload.textsPerRequest);
  for (let connection = 0; connection < connections; connection += 1) {
    const response = await fetch(djlUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inputs: textsOf(workload, connection, 0) }),
    });
    const vectors = parseVectors(await response.text());
    if (vectors === undefined) throw new Error(`${djlUrl} answered ${response.status} without vectors`);
    known.set(requestKey(connection, 0), vectors);
  }
  return known;
}
