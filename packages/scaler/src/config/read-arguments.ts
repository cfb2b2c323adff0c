import { parseArgs } from 'node:util';

/** What stood on the command line. */
export interface Arguments {
  readonly kind: 'arguments';
  readonly help: boolean;
  readonly version: boolean;
  readonly checkConfig: boolean;
  /** Path after `--config`. */
  readonly configFile: string | undefined;
}

/** Reads the arguments of `run` (the command without a name) after the program's name; a wrong one is a problem in words. */
export function readArguments(
  argv: readonly string[],
): Arguments | { readonly kind: 'broken'; readonly problem: string } {
  try {
    const { values } = parseArgs({
      args: [...argv],
      allowPositionals: false,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', short: 'v', default: false },
        'check-config': { type: 'boolean', default: false },
        config: { type: 'string', short: 'c' },
      },
    });
    return {
      kind: 'arguments',
      help: values.help,
      version: values.version,
      checkConfig: values['check-config'],
      configFile: values.config,
    };
  } catch (error) {
    // parseArgs throws TypeErrors whose first sentence names the argument; the rest is advice for programmers.
    const [sentence] = String(error instanceof Error ? error.message : error).split('. ');
    return { kind: 'broken', problem: `${sentence}: --help lists what there is` };
  }
}
