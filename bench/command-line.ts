import { parseArgs } from 'node:util';
import { SCENARIOS, type Scenario } from './scenarios.ts';

/** What the benchmark was asked for. */
export type Command =
  | { readonly kind: 'help' }
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
    },
  });
  if (values.help) return { kind: 'help' };
  const name = values.name ?? (values.quick ? undefined : 'throughput');
  if (name !== undefined && !/^[a-z0-9][a-z0-9-]*$/.test(name)) {
    throw new RangeError(`--name must be lower-case letters, digits and hyphens, got ${name}`);
  }
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
`;

function scenarioNamed(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found !== undefined) return found;
  throw new RangeError(`--scenario must be one of ${SCENARIOS.map((s) => s.name).join(', ')}, got ${name}`);
}
