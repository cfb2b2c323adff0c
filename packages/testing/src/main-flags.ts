import { parseArgs } from 'node:util';
import type { SimulatedBackendOptions } from './options.ts';
import { parseFaults } from './parse-fault.ts';

/** What the program was asked for. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'start'; readonly options: SimulatedBackendOptions };

/** Reads the command line. Throws an error that names the flag that makes no sense. */
export function parseFlags(args: readonly string[]): Command {
  const { values } = parseArgs({ args: [...args], options: flags, strict: true });
  if (values.help) return { kind: 'help' };
  const { host, weights, model, fault = [] } = values;
  const numbers = Object.entries(numberFlags).flatMap(([flag, option]) => {
    const value = values[flag as keyof typeof numberFlags]; // Object.entries forgets that these are its keys
    return value === undefined ? [] : [[option, toNumber(flag, value)] as const];
  });
  return {
    kind: 'start',
    options: {
      ...(host === undefined ? {} : { host }),
      ...(weights === undefined ? {} : { weights }),
      ...(model === undefined ? {} : { models: model }),
      ...Object.fromEntries(numbers),
      ...(values['count-texts'] ? { countTexts: true } : {}),
      faults: fault.flatMap((json) => parseFaults(JSON.parse(json))),
    },
  };
}

/** What `--help` prints. */
export const helpText = `forebay-simulated-backend: a model server that computes nothing, takes the time it is told, and misbehaves on order.

  --host HOST               where it listens (127.0.0.1)
  --port N                  0 takes a free one (0)
  --model NAME              repeat for several (all-MiniLM-L6-v2)
  --dimensions N            numbers in a vector (384)
  --weights NAME            answer the vectors of another model (the model's name)
  --max-tokens N            cut texts after N tokens of 4 characters (no limit)
  --a-ms N                  milliseconds for a batch (0)
  --b-ms N                  milliseconds for each text in it (0)
  --c-ms N                  milliseconds for each token in it, padding included (0)
  --jitter N                largest change of these times, as a share from 0 to 1 (0)
  --workers N               parallel batches of a model (1)
  --job-queue-size N        DJL's job_queue_size (1000)
  --batch-size N            DJL's batch_size: most requests that a worker takes together (1)
  --max-batch-delay-ms N    DJL's max_batch_delay: how long it waits for more (100)
  --max-request-bytes N     larger bodies are answered 413 (67108864)
  --max-client-batch-size N most texts in a TEI request (1024)
  --seed N                  for jitter and chances (1)
  --fault JSON              set from the start, like {"kind":"slow","factor":10}; repeat for several
  --count-texts             count how often each text is computed
  --help                    this

While it runs: POST /_sim/fault with a fault or a list, DELETE /_sim/fault, GET and DELETE /_sim/counters. SIGTERM stops it.
`;

const numberFlags = {
  port: 'port',
  dimensions: 'dimensions',
  'max-tokens': 'maxTokens',
  'a-ms': 'aMs',
  'b-ms': 'bMs',
  'c-ms': 'cMs',
  jitter: 'jitter',
  workers: 'workers',
  'job-queue-size': 'jobQueueSize',
  'batch-size': 'batchSize',
  'max-batch-delay-ms': 'maxBatchDelayMs',
  'max-request-bytes': 'maxRequestBytes',
  'max-client-batch-size': 'maxClientBatchSize',
  seed: 'seed',
} as const satisfies Record<string, keyof SimulatedBackendOptions>;

const text = { type: 'string' } as const;
const flags = {
  help: { type: 'boolean', short: 'h' },
  host: text,
  weights: text,
  model: { type: 'string', multiple: true },
  fault: { type: 'string', multiple: true },
  'count-texts': { type: 'boolean' },
  port: text,
  dimensions: text,
  'max-tokens': text,
  'a-ms': text,
  'b-ms': text,
  'c-ms': text,
  jitter: text,
  workers: text,
  'job-queue-size': text,
  'batch-size': text,
  'max-batch-delay-ms': text,
  'max-request-bytes': text,
  'max-client-batch-size': text,
  seed: text,
} as const;

function toNumber(flag: string, value: string): number {
  const number = Number(value);
  if (value.trim() === '' || Number.isNaN(number))
    throw new RangeError(`--${flag} must be a number, got ${value}`);
  return number;
}
