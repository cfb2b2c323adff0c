import { runBurst } from './burst/run-burst.ts';
import { type Command, helpText, parseCommand } from './command-line.ts';
import { autocannonVersion, describeMachine } from './machine.ts';
import { nginxVersion } from './proxies.ts';
import { type Report, renderReport, renderSection, type Section } from './report.ts';
import { runProgram, type Surroundings, writeResult } from './run-program.ts';
import { type Pace, runScenario } from './run-scenario.ts';
import type { Scenario } from './scenarios.ts';

await runProgram('bench', async (surroundings) => {
  const command = parseCommand(process.argv.slice(2));
  if (command.kind === 'help') process.stdout.write(helpText);
  else if (command.kind === 'burst') await runBurst(command.burst, surroundings);
  else await run(command, surroundings);
});

async function run(
  { quick, scenarios, name }: Extract<Command, { kind: 'run' }>,
  surroundings: Surroundings,
): Promise<void> {
  const sections: Section[] = [];
  for (const scenario of scenarios) {
    const section = await runScenario(scenario, paceOf(scenario, quick), surroundings);
    sections.push(section);
    process.stdout.write(`\n${renderSection(section)}\n`);
  }
  if (name === undefined) return;
  const date = new Date().toISOString();
  const report: Report = {
    date,
    command: ['pnpm bench', ...process.argv.slice(2)].join(' '),
    machine: describeMachine([
      ['autocannon', autocannonVersion()],
      ['nginx', nginxVersion() ?? 'not installed'],
    ]),
    notes: notesOn(scenarios, quick),
    sections,
  };
  writeResult(`${date.slice(0, 10)}-${name}.md`, renderReport(report), surroundings.say);
}

function paceOf({ backends }: Scenario, quick: boolean): Pace {
  if (backends.every(({ kind }) => kind === 'simulated')) {
    return quick
      ? { rounds: 1, warmUpMs: 700, countedMs: 1_200 }
      : { rounds: 3, warmUpMs: 1_500, countedMs: 3_000 };
  }
  // The real model takes seconds for what 32 connections ask at once, so its rounds need longer to settle.
  return quick
    ? { rounds: 1, warmUpMs: 3_000, countedMs: 5_000 }
    : { rounds: 2, warmUpMs: 4_000, countedMs: 8_000 };
}

function notesOn(scenarios: readonly Scenario[], quick: boolean): readonly string[] {
  const paces = scenarios.map((scenario) => {
    const { rounds, warmUpMs, countedMs } = paceOf(scenario, quick);
    return `${scenario.name} ${rounds} × ${countedMs / 1_000} s after ${warmUpMs / 1_000} s of warm-up`;
  });
  return [
    `Rounds: ${paces.join('; ')}. The targets of a scenario are up together, share its backends and take turns.`,
    'Closed loop: each connection sends its next request when it has its answer. Requests/s is the middle round (of two their mean); latencies and CPU time are of all rounds together.',
    'CPU µs/request is user and system time of the process under test (nginx: its workers together); "with backends" adds the model servers behind it, whose share falls when callers are batched.',
    'Load CPU is the share of one core that autocannon took: near 100 % it, not the target, bounds requests/s. Foreign CPU and steal are shares of the whole machine: the higher, the less a figure means.',
    "nginx ran the repository's nginx/nginx.conf with the servers and the port replaced, the gateway its defaults.",
    'The simulated servers merge no requests, as DJL Serving with its default batch_size of 1.',
  ];
}
