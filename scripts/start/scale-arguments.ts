import { ScaleError } from './scaled-environments.ts';

/** What `pnpm start` was asked for. */
export interface StartArguments {
  readonly scale: boolean;
  /** The scaler's YAML file. */
  readonly scalerConfig: string | undefined;
  /** The gateway's. */
  readonly passedOn: readonly string[];
}

const FLAG = '--scaler-config';

/** Takes what is `pnpm start`'s own out of its arguments. Throws a {@link ScaleError} when it makes no sense. */
export function readStartArguments(args: readonly string[]): StartArguments {
  const passedOn: string[] = [];
  let scalerConfig: string | undefined;
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i] ?? '';
    if (arg === FLAG || arg.startsWith(`${FLAG}=`)) {
      scalerConfig = arg === FLAG ? args[i + 1] : arg.slice(FLAG.length + 1);
      if (arg === FLAG) i += 1;
      if (!scalerConfig || scalerConfig.startsWith('--')) {
        throw new ScaleError(`${FLAG} needs a file, such as ${FLAG} examples/scaler/quick.yaml`);
      }
    } else if (arg !== '--scale') passedOn.push(arg);
  }
  const scale = args.includes('--scale');
  if (scalerConfig !== undefined && !scale) throw new ScaleError(`${FLAG} belongs to --scale: give both`);
  // `pnpm start -- --scale` hands the dashes on.
  return { scale, scalerConfig, passedOn: scale ? passedOn.filter((arg) => arg !== '--') : passedOn };
}
