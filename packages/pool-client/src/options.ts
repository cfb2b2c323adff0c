import { z } from 'zod';
import type { BalancingStrategy, StrategyName } from './balancing/balancing-strategy.ts';
import { type Clock, systemClock } from './clock.ts';
import type { AddressPolicy } from './discovery/address-policy.ts';
import type { BackendSource } from './discovery/backend-source.ts';
import type { BackendSpec } from './discovery/backend-spec.ts';
import { PoolError } from './errors.ts';
import { type Random, systemRandom } from './random.ts';
import { type TlsOptions, tlsProblems } from './wire/tls-options.ts';
import type { TransportFactory } from './wire/transport.ts';
import { undiciTransport } from './wire/undici-transport.ts';

/** How a pool is set up; everything has a default. */
export interface EmbedderPoolOptions {
  /**
   * Backends by URL (with suffixes as in `DJL_URLS`) or as objects.
   * @example ['http://djl-1:8080/predictions/all-MiniLM-L6-v2', { url: 'http://gpu:8080', class: 'gpu' }]
   */
  readonly backends?: readonly (string | BackendSpec)[];
  /** A list polled every second over HTTP, as a scaler publishes it. */
  readonly backendsUrl?: string;
  /** Bearer token for `backendsUrl`. */
  readonly backendsToken?: string;
  /** A watched file of the same form. */
  readonly backendsFile?: string;
  /** Sources of backends of the caller's own making. */
  readonly sources?: readonly BackendSource[];
  /** Models to expect before any backend is seen. */
  readonly models?: readonly string[];
  /** Other names of models: alias to model. */
  readonly modelAliases?: Readonly<Record<string, string>>;
  /** Who gets the next batch. @default 'least-work' */
  readonly strategy?: StrategyName | BalancingStrategy;
  /** How closely answers are checked: one vector of each batch, or all. @default 'fast' */
  readonly verify?: 'fast' | 'full';
  /**
   * Whether chunks of like length share batches: model servers pad each text of a batch to its longest. A chunk waits for that
   * at most one batch longer for each kind of length that there is.
   * @default true
   */
  readonly groupByLength?: boolean;
  /**
   * Measures a text for batch sizes, costs and shares, in characters or what stands for them: four for each token where a tokenizer
   * is at hand. Called once for each text; it must be quick.
   * @default UTF-16 units
   */
  readonly lengthOf?: ((text: string) => number) | undefined;
  /** Most chunks waiting, over all models. @default Infinity */
  readonly maxQueuedChunks?: number;
  /** Most UTF-8 bytes of waiting chunks. @default Infinity */
  readonly maxQueuedBytes?: number;
  /** Most calls that wait while there is no backend at all. @default Infinity */
  readonly maxHeldJobs?: number;
  /** Longest time without one more answered chunk of a call, in milliseconds. @default 60,000 */
  readonly idleTimeoutMs?: number;
  /** Longest wait for one batch on one backend, in milliseconds. @default 30,000 */
  readonly batchTimeoutMs?: number;
  /** Sends of one chunk before it fails, the first included. @default 5 */
  readonly maxAttempts?: number;
  /** Where backends may be, whatever names them. @default anywhere */
  readonly addressPolicy?: AddressPolicy;
  /**
   * For `https:` backends and an `https:` list of them; `transport` takes its place.
   * @example { ca: readFileSync('ca.pem', 'utf8') }
   */
  readonly tls?: TlsOptions;
  /** For tests and other runtimes. */
  readonly clock?: Clock;
  readonly random?: Random;
  readonly transport?: TransportFactory;
}

/** The options with every default filled in. */
export type ResolvedOptions = Required<Omit<EmbedderPoolOptions, WithoutDefault>> &
  Pick<EmbedderPoolOptions, WithoutDefault>;

type WithoutDefault = 'backendsUrl' | 'backendsToken' | 'backendsFile' | 'addressPolicy' | 'lengthOf' | 'tls';

const DEFAULTS = Object.freeze({
  backends: [],
  sources: [],
  models: [],
  modelAliases: {},
  strategy: 'least-work',
  verify: 'fast',
  groupByLength: true,
  maxQueuedChunks: Number.POSITIVE_INFINITY,
  maxQueuedBytes: Number.POSITIVE_INFINITY,
  maxHeldJobs: Number.POSITIVE_INFINITY,
  idleTimeoutMs: 60_000,
  batchTimeoutMs: 30_000,
  maxAttempts: 5,
} satisfies EmbedderPoolOptions);

/** Timers can't be longer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const atLeast = (bound: number) =>
  z.custom<number>((value) => typeof value === 'number' && value >= bound, {
    error: `must be a number of at least ${bound}`,
  });

const between = (schema: z.ZodNumber, kind: string, min: number, max: number) => {
  const error = `must be ${kind} from ${min} to ${max}`;
  return z.custom<number>((value) => schema.min(min).max(max).safeParse(value).success, { error });
};

const STRATEGY_NAMES: readonly unknown[] = [
  'least-work',
  'least-connections',
  'round-robin',
  'ip-hash',
] satisfies StrategyName[];

const schema = z.object({
  maxQueuedChunks: atLeast(1),
  maxQueuedBytes: atLeast(1),
  maxHeldJobs: atLeast(0),
  idleTimeoutMs: atLeast(1),
  batchTimeoutMs: between(z.number(), 'a number', 1, LONGEST_TIMER_MS),
  maxAttempts: between(z.int(), 'an integer', 1, 100),
  groupByLength: z.boolean({ error: 'must be true or false' }),
  verify: z.enum(['fast', 'full'], { error: "must be 'fast' or 'full'" }),
  strategy: z.custom<StrategyName | BalancingStrategy>(
    // What it is stands after this, and nothing else is asked of it.
    (value) => STRATEGY_NAMES.includes(value) || typeof (value as BalancingStrategy)?.pick === 'function',
    { error: `must be ${STRATEGY_NAMES.join(', ')} or an object with pick()` },
  ),
});

/**
 * Fills in the defaults.
 * @throws PoolError `POOL_INVALID_OPTIONS` naming the field, its value and the bound.
 */
export function resolveOptions(options: EmbedderPoolOptions): ResolvedOptions {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const { addressPolicy, tls } = options;
  const wrong = tls ? tlsProblems(tls).map(({ field, problem }) => `tls.${field} ${problem}`) : [];
  if (wrong.length > 0) throw new PoolError('POOL_INVALID_OPTIONS', wrong.join('; '));
  const allowAddress =
    addressPolicy && ((address: string, hostname: string) => addressPolicy.allows(address, hostname));
  const resolved: ResolvedOptions = {
    ...DEFAULTS,
    clock: systemClock,
    random: systemRandom,
    transport: undiciTransport({ ...(allowAddress ? { allowAddress } : {}), ...(tls ? { tls } : {}) }),
    ...given,
  };
  const checked = schema.safeParse(resolved);
  if (!checked.success) {
    const problems = checked.error.issues.map(({ path, message }) => {
      const name = path.join('.');
      return `${name} ${message}, got ${String(Object(resolved)[name])}`;
    });
    throw new PoolError('POOL_INVALID_OPTIONS', problems.join('; '));
  }
  return resolved;
}
