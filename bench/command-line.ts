import { parseArgs } from 'node:util';
import { BURST_FLAGS, type BurstOptions, toBurstOptions } from './burst/burst-options.ts';
import { MODEL } from './programs.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

/** What the benchmark was asked for. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'burst'; readonly burst: BurstOptions }
  | {
      readonly kind: 'run';
      readonly quick: boolean;
      readonly scenarios: readonly Scenario[];
      /** The end of the result file's name; without one nothing is written. */
      readonly name: string | undefined;
    };

/** Reads the command line. Throws an error that says which argument makes no sense. */
export function parseCommand(args: readonly string[]): Command {
  const { values } = parseArgs({
    // `pnpm bench -- --quick` hands the dashes on.
    args: args.filter((argument) => argument !== '--'),
    strict: true,
    options: {
      quick: { type: 'boolean', default: false },
      scenario: { type: 'string', multiple: true, default: [] },
      name: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
      ...BURST_FLAGS,
    },
  });
  if (values.help) return { kind: 'help' };
  if (values.name !== undefined && !/^[a-z0-9][a-z0-9-]*$/.test(values.name)) {
    throw new RangeError(`--name must be lower-case letters, digits and hyphens, got ${values.name}`);
  }
  const stray = strayFlag(values);
  if (stray !== undefined) throw new RangeError(stray);
  if (values.url !== undefined) return { kind: 'burst', burst: toBurstOptions(values) };
  const name = values.name ?? (values.quick ? undefined : 'throughput');
  const chosen = values.scenario.map(scenarioNamed);
  const fallback = values.quick ? SCENARIOS.filter(({ name }) => name !== 'local') : SCENARIOS;
  return { kind: 'run', quick: values.quick, scenarios: chosen.length > 0 ? chosen : fallback, name };
}

/** What `--help` prints. */
export const helpText = `pnpm bench: the same load on a model server directly, on the gateway and on nginx, in alternating rounds.

  --quick          one short round of each, about 30 s, without the real model: figures of a cold
                   start, kept only with --name
  --scenario NAME  only this one, repeat for several:
${SCENARIOS.map(({ name, about }) => `                   ${name.padEnd(8)} ${about}`).join('\n')}
  --name NAME      the result goes to bench/results/YYYY-MM-DD-NAME.md (throughput)
  --help           this

nginx takes part where it is installed. Ctrl-C ends everything that was started.

pnpm bench --url http://127.0.0.1:8080: a burst on a gateway that runs already, a line of progress every
2 s and a summary at the end; ends with 1 when a request failed.

  --url URL        the gateway; with a key http://:KEY@127.0.0.1:8080
  --model NAME     ${MODEL}
  --seconds N      for how long requests are sent (60); open ones are waited for
  --connections N  callers at the same time, each with one open request (32)
  --chunks N       texts in a request, short paragraphs (8)
  --scaler URL     a scaler, http://127.0.0.1:8090, whose counts stand in the lines of progress
  --name NAME      the result goes to bench/results/YYYY-MM-DD-NAME.md (nothing is written)
`;

/** A flag that says nothing in the company it is in. */
function strayFlag(values: Readonly<Record<string, unknown>>): string | undefined {
  if (values.url !== undefined) {
    if (values.quick === true) return '--quick belongs to the scenarios, --url to a burst';
    const named = Array.isArray(values.scenario) && values.scenario.length > 0;
    return named ? '--scenario belongs to the scenarios, --url to a burst' : undefined;
  }
  const burst = Object.keys(BURST_FLAGS).find((flag) => values[flag] !== undefined);
  return burst && `--${burst} belongs to a burst: give the gateway by --url`;
}

function scenarioNamed(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found !== undefined) return found;
  throw new RangeError(`--scenario must be one of ${SCENARIOS.map((s) => s.name).join(', ')}, got ${name}`);
}
