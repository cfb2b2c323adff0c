import { parseArgs } from 'node:util';
import { GENERATED_NAMES, type GeneratedName } from './generate.ts';

/** A command line of `simulate`, understood; what depends on the trace is still open. */
export interface SimulateOptions {
  readonly load: LoadOptions;
  readonly policies: readonly string[];
  readonly startupSeconds: number;
  /** Requests/s of one ready replica, or the trace's mean over `meanOver`. */
  readonly perReplica: { readonly requestsPerSecond: number } | { readonly meanOver: number };
  readonly min: number;
  readonly initial: number;
  readonly max: number;
  readonly skipSeconds: number;
  readonly shiftSeconds: number;
  readonly pricePerHour?: number;
  readonly timelinePath?: string;
  readonly chartPath?: string;
  readonly json: boolean;
}

export type LoadOptions =
  | { readonly kind: 'file'; readonly path: string }
  | {
      readonly kind: 'generated';
      readonly name: GeneratedName;
      readonly seed: number;
      readonly mean?: number;
      readonly seconds?: number;
    };

/** What a command line asks for. */
export type ParsedCommand =
  | { readonly kind: 'run'; readonly options: SimulateOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'problem'; readonly message: string };

/** Reads the arguments after `simulate`. A problem's message names the option, its bound and the value. */
export function parseSimulateOptions(argv: readonly string[]): ParsedCommand {
  try {
    const values = parseValues(argv);
    return values.help ? { kind: 'help' } : { kind: 'run', options: toOptions(values) };
  } catch (error) {
    // Both parseArgs and the checks below throw an Error that says it all.
    return { kind: 'problem', message: (error as Error).message };
  }
}

type Values = ReturnType<typeof parseValues>;

function toOptions(values: Values): SimulateOptions {
  const min = whole('min', values.min, 0, MAX_REPLICAS);
  const max = whole('max', values.max, Math.max(1, min), MAX_REPLICAS);
  const { 'price-per-hour': price, timeline, chart } = values;
  return {
    load: loadOf(values),
    policies: values.policy,
    startupSeconds: number('startup-seconds', required(values, 'startup-seconds'), 0, MAX_SECONDS),
    perReplica: perReplicaOf(required(values, 'per-replica')),
    min,
    initial: whole('initial', values.initial ?? String(min), min, max),
    max,
    skipSeconds: whole('skip-seconds', values['skip-seconds'], 0, MAX_SECONDS),
    shiftSeconds: whole('shift', values.shift, 0, MAX_SECONDS),
    ...(price === undefined ? {} : { pricePerHour: number('price-per-hour', price, 0, 1e6) }),
    ...(timeline === undefined ? {} : { timelinePath: timeline }),
    ...(chart === undefined ? {} : { chartPath: chart }),
    json: values.json,
  };
}

function loadOf({ trace, generate, seed, mean, seconds }: Values): LoadOptions {
  if (trace !== undefined && generate !== undefined) throw new Error('give --trace or --generate, not both');
  if (generate === undefined) {
    if (trace === undefined) throw new Error('--trace FILE.csv (or --generate NAME) is missing');
    const stray = Object.entries({ seed, mean, seconds }).find(([, value]) => value !== undefined);
    if (stray !== undefined) throw new Error(`--${stray[0]} goes with --generate, not with --trace`);
    return { kind: 'file', path: trace };
  }
  const name = GENERATED_NAMES.find((one) => one === generate);
  if (name === undefined)
    throw new Error(`--generate must be one of ${GENERATED_NAMES.join(', ')}, got "${generate}"`);
  return {
    kind: 'generated',
    name,
    seed: whole('seed', seed ?? '1', 0, 2 ** 32 - 1),
    ...(mean === undefined ? {} : { mean: number('mean', mean, 0.001, 1e6) }),
    ...(seconds === undefined ? {} : { seconds: whole('seconds', seconds, 60, 31 * 86_400) }),
  };
}

function perReplicaOf(text: string): SimulateOptions['perReplica'] {
  const over = /^mean\/(.*)$/.exec(text)?.[1];
  if (over === undefined) return { requestsPerSecond: number('per-replica', text, 0.000_001, 1e9) };
  const meanOver = Number(over);
  if (!(meanOver >= 0.001 && meanOver <= MAX_REPLICAS))
    throw new Error(`--per-replica mean/N needs an N from 0.001 to ${MAX_REPLICAS}, got "${over}"`);
  return { meanOver };
}

function required(values: Values, name: 'startup-seconds' | 'per-replica'): string {
  const value = values[name];
  if (value === undefined) throw new Error(`--${name} is missing`);
  return value;
}

function whole(name: string, text: string, low: number, high: number): number {
  if (!/^\s*\d+\s*$/.test(text) || Number(text) < low || Number(text) > high)
    throw new Error(`--${name} must be a whole number from ${low} to ${high}, got "${text}"`);
  return Number(text);
}

function number(name: string, text: string, low: number, high: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= low && value <= high))
    throw new Error(`--${name} must be a number from ${low} to ${high}, got "${text}"`);
  return value;
}

const MAX_REPLICAS = 10_000;
const MAX_SECONDS = 86_400;

function parseValues(argv: readonly string[]) {
  return parseArgs({
    args: joinNegativeNumbers(argv),
    options: {
      trace: { type: 'string' },
      generate: { type: 'string' },
      seed: { type: 'string' },
      mean: { type: 'string' },
      seconds: { type: 'string' },
      policy: { type: 'string', multiple: true, default: ['default'] },
      'startup-seconds': { type: 'string' },
      'per-replica': { type: 'string' },
      min: { type: 'string', default: '2' },
      initial: { type: 'string' },
      max: { type: 'string', default: '10' },
      'skip-seconds': { type: 'string', default: '0' },
      shift: { type: 'string', default: '0' },
      'price-per-hour': { type: 'string' },
      timeline: { type: 'string' },
      chart: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  }).values;
}

/** `--min -1` becomes `--min=-1`, so that the bound is what the message is about and not the dash. */
function joinNegativeNumbers(argv: readonly string[]): string[] {
  const joined: string[] = [];
  for (const argument of argv) {
    const before = joined.at(-1);
    if (/^-[\d.]/.test(argument) && before !== undefined && /^--[a-z-]+$/.test(before))
      joined[joined.length - 1] = `${before}=${argument}`;
    else joined.push(argument);
  }
  return joined;
}
