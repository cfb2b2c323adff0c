import { parseArgs } from 'node:util';
import { RIVALS, type RivalPlan } from './rivals.ts';
import { WORKLOADS, type Workload } from './workloads.ts';

/** What the duel was asked for. */
export type DuelCommand =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'run';
      readonly quick: boolean;
      readonly workloads: readonly Workload[];
      readonly rivals: readonly RivalPlan[];
      /** The end of the result file's name; without one nothing is written. */
      readonly name: string | undefined;
    };

/** Reads the command line. Throws an error that says which argument makes no sense. */
export function parseDuelCommand(args: readonly string[]): DuelCommand {
  const { values } = parseArgs({
    // `pnpm bench:duel -- --quick` hands the dashes on.
    args: args.filter((argument) => argument !== '--'),
    strict: true,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      name: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return { kind: 'help' };
  const { quick, only, name } = values;
  if (name !== undefined && !/^[a-z0-9][a-z0-9-]*$/.test(name)) {
    throw new RangeError(`--name must be lower-case letters, digits and hyphens, got ${name}`);
  }
  const names = [...WORKLOADS, ...RIVALS].map((each) => each.name);
  const unknown = only.find((wanted) => !names.includes(wanted));
  if (unknown !== undefined)
    throw new RangeError(`--only must be one of ${names.join(', ')}, got ${unknown}`);
  return { kind: 'run', quick, workloads: chosen(WORKLOADS, only), rivals: chosen(RIVALS, only), name };
}

/** What `--help` prints. */
export const duelHelp = `pnpm bench:duel: the gateway and its rivals, side by side before the same simulated servers.

One server is like a GPU (6 ms + 0.22 ms for each chunk of a batch), four are like CPUs (2 ms + 1.6 ms). Always busy with
batches of 128 they do 6,223 chunks/s together: the ideal, and the measure of every bar. The rivals take
turns, workload by workload, three rounds; the middle one counts. Every vector of every answer is compared.

  --only NAME   only this workload or rival, repeat for several (all)
  --quick       one short round of each, about 85 s: shows that all works; queues have no time to build up
  --name NAME   writes bench/results/YYYY-MM-DD-NAME.md and, with all rivals and workloads, the picture
                bench/results/duel.svg
  --help        this

Workloads:
${list(WORKLOADS)}

Rivals:
${list(RIVALS)}

Such a comparison wants the machine for itself, about 15 minutes: rounds in which strangers took more than 10 % of the
CPU time or the hypervisor more than 2 % are repeated, a few times. Ctrl-C ends everything that was started.
`;

function list(named: readonly { readonly name: string; readonly title: string }[]): string {
  return named.map(({ name, title }) => `  ${name.padEnd(14)}${title}`).join('\n');
}

/** Those that were named; all where none of their kind was. */
function chosen<Named extends { readonly name: string }>(
  all: readonly Named[],
  only: readonly string[],
): readonly Named[] {
  const named = all.filter(({ name }) => only.includes(name));
  return named.length > 0 ? named : all;
}
