import { toChart } from './chart.ts';
import type { NamedController, SimulatedSystem } from './controller.ts';
import { generateTrace } from './generate.ts';
import { type FindPolicy, fixedCountOf, policyByName } from './policies-by-name.ts';
import { readTrace } from './read-trace.ts';
import { type ReportRow, toJsonReport, toTable } from './report.ts';
import { SIMULATE_HELP } from './simulate-help.ts';
import { type LoadOptions, parseSimulateOptions, type SimulateOptions } from './simulate-options.ts';
import { simulate } from './simulator.ts';
import { recordTimeline, type Timeline, toTimelineCsv } from './timeline.ts';

/** What the command touches of the world. */
export interface SimulateIo {
  readText(path: string): Promise<string>;
  writeText(path: string, text: string): Promise<void>;
  out(text: string): void;
  err(text: string): void;
  /** For `default` and files. */
  readonly findPolicy: FindPolicy;
}

/** `forebay-scaler simulate`, given the arguments after that word. Resolves with the exit code: 0, or 2 after one line of error. */
export async function runSimulate(argv: readonly string[], io: SimulateIo): Promise<number> {
  const command = parseSimulateOptions(argv);
  switch (command.kind) {
    case 'help':
      io.out(SIMULATE_HELP);
      return 0;
    case 'problem':
      return fail(io, command.message);
    case 'run':
      try {
        await run(command.options, io);
        return 0;
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        return fail(io, error.message);
      }
  }
}

async function run(options: SimulateOptions, io: SimulateIo): Promise<void> {
  const load = await requestsOf(options.load, io);
  const requests = [...new Array<number>(options.shiftSeconds).fill(0), ...load];
  if (options.skipSeconds >= requests.length)
    throw new Problem(
      `--skip-seconds must be below the trace's ${requests.length} s, got ${options.skipSeconds}`,
    );
  const perReplica = perReplicaOf(options, load);
  const policies = options.policies.map((name) => ({
    name,
    controller: controllerOf(name, io),
    ...initialOf(name, options),
  }));
  for (const { name, controller } of policies) {
    for (const note of controller.notes ?? []) io.err(`${name}: ${note}\n`);
  }
  const rows: ReportRow[] = [];
  const timelines: Timeline[] = [];
  for (const { name, controller, initial } of policies) {
    const { startupSeconds, min, max, skipSeconds } = options;
    const system: SimulatedSystem = { perReplica, startupSeconds, min, initial, max };
    const { timeline, onSecond } = recordTimeline(name);
    const isKept = options.timelinePath !== undefined || options.chartPath !== undefined;
    const run = isKept ? { skipSeconds, onSecond } : { skipSeconds };
    rows.push({ policy: name, result: simulate(requests, system, controller.start(system), run) });
    timelines.push(timeline);
  }
  if (options.timelinePath !== undefined)
    await write(io, 'timeline', options.timelinePath, toTimelineCsv(timelines));
  if (options.chartPath !== undefined)
    await write(io, 'chart', options.chartPath, toChart(requests, perReplica, timelines, rows));
  if (options.json) io.out(toJsonReport(rows, options.pricePerHour));
  else io.out(`${describe(requests, perReplica, options)}\n\n${toTable(rows, options.pricePerHour)}`);
}

async function requestsOf(load: LoadOptions, io: SimulateIo): Promise<readonly number[]> {
  if (load.kind === 'generated') return [...generateTrace(load.name, load.seed, load)];
  const text = await io.readText(load.path).catch((error: unknown) => {
    throw new Problem(`--trace ${load.path}: ${messageOf(error)}`);
  });
  const read = readTrace(text);
  if (read.kind === 'problem') throw new Problem(`--trace ${load.path}: ${read.message}`);
  return [...read.requests];
}

function perReplicaOf({ perReplica }: SimulateOptions, load: readonly number[]): number {
  if ('requestsPerSecond' in perReplica) return perReplica.requestsPerSecond;
  const mean = meanOf(load);
  if (mean === 0) throw new Problem(`--per-replica mean/${perReplica.meanOver} needs a trace with requests`);
  return mean / perReplica.meanOver;
}

function controllerOf(name: string, io: SimulateIo): NamedController {
  const found = policyByName(name, io.findPolicy);
  if ('problem' in found) throw new Problem(`--policy ${name}: ${found.problem}`);
  return found;
}

function initialOf(name: string, { min, initial, max }: SimulateOptions): { readonly initial: number } {
  const count = fixedCountOf(name);
  if (count !== undefined && (count < min || count > max))
    throw new Problem(`--policy ${name} must be within --min ${min} and --max ${max}`);
  return { initial: count ?? initial };
}

async function write(io: SimulateIo, option: string, path: string, text: string): Promise<void> {
  await io.writeText(path, text).catch((error: unknown) => {
    throw new Problem(`--${option} ${path}: ${messageOf(error)}`);
  });
}

function describe(requests: readonly number[], perReplica: number, options: SimulateOptions): string {
  const total = requests.reduce((sum, count) => sum + count, 0);
  const { min, max, startupSeconds, skipSeconds } = options;
  const skipped = skipSeconds > 0 ? `, scored from second ${skipSeconds}` : '';
  return `${total} requests in ${requests.length} s (mean ${meanOf(requests).toFixed(2)}/s)${skipped}
${min} to ${max} replicas of ${Number(perReplica.toPrecision(4))} requests/s, ready ${startupSeconds} s after launch`;
}

function meanOf(requests: readonly number[]): number {
  return requests.reduce((sum, count) => sum + count, 0) / requests.length;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function fail(io: SimulateIo, message: string): number {
  io.err(`forebay-scaler simulate: ${message}\nTry forebay-scaler simulate --help\n`);
  return 2;
}

/** What the user can put right; never leaves this file. */
class Problem extends Error {}
