import type { Fault } from './fault.ts';

/** How a simulated backend behaves; everything has a default. */
export interface SimulatedBackendOptions {
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** 0 takes a free one. @default 0 */
  readonly port?: number;
  /** Names of the models it serves, each with its own queue and workers; TEI serves the first. @default ['all-MiniLM-L6-v2'] */
  readonly models?: readonly string[];
  /** Numbers in a vector; below 32 two texts may come to share one. @default 384 */
  readonly dimensions?: number;
  /** Whose vectors it answers, whatever the model's name: another name is another model behind the same one. @default the model's name */
  readonly weights?: string;
  /** Texts are cut silently after this many tokens of 4 characters. @default none */
  readonly maxTokens?: number;
  /** Milliseconds for each batch. @default 0 */
  readonly aMs?: number;
  /** Milliseconds for each text of a batch. @default 0 */
  readonly bMs?: number;
  /** Milliseconds for each token of a batch, padding included. @default 0 */
  readonly cMs?: number;
  /** Largest change of a service time in either direction, as a share of it, 0 to 1. @default 0 */
  readonly jitter?: number;
  /** Batches that one model works on at the same time. @default 1 */
  readonly workers?: number;
  /** DJL's `job_queue_size`: one less may wait. @default 1000 */
  readonly jobQueueSize?: number;
  /** DJL's `batch_size`: most requests, not texts, that a worker takes together. @default 1 */
  readonly batchSize?: number;
  /** DJL's `max_batch_delay`: how long a worker with fewer requests waits for more. @default 100 */
  readonly maxBatchDelayMs?: number;
  /** Larger bodies are answered 413. @default 64 MiB */
  readonly maxRequestBytes?: number;
  /** Most texts in one TEI request (TEI's own default is 32). @default 1024 */
  readonly maxClientBatchSize?: number;
  /** For jitter, and for the chances in faults. @default 1 */
  readonly seed?: number;
  /** Set from the start. @default none */
  readonly faults?: readonly Fault[];
  /** Count how often each text is computed; costs memory for each different text. @default false */
  readonly countTexts?: boolean;
}

/** The options with nothing missing. */
export type ResolvedOptions = {
  readonly [Name in Exclude<keyof SimulatedBackendOptions, 'weights'>]-?: NonNullable<
    SimulatedBackendOptions[Name]
  >;
} & {
  readonly weights: string | undefined;
};

/** Fills in the defaults. Throws a `RangeError` that names the option, its bound and the value. */
export function resolveOptions(options: SimulatedBackendOptions): ResolvedOptions {
  const resolved: ResolvedOptions = { ...defaults, ...options, weights: options.weights };
  for (const name of ['dimensions', 'workers', 'jobQueueSize', 'batchSize', 'maxClientBatchSize'] as const) {
    mustBe(
      name,
      resolved[name],
      'an integer of at least 1',
      Number.isInteger(resolved[name]) && resolved[name] >= 1,
    );
  }
  for (const name of ['aMs', 'bMs', 'cMs', 'maxBatchDelayMs', 'maxRequestBytes'] as const) {
    mustBe(
      name,
      resolved[name],
      'a number of at least 0',
      resolved[name] >= 0 && resolved[name] < Number.POSITIVE_INFINITY,
    );
  }
  mustBe('maxTokens', resolved.maxTokens, 'at least 1', resolved.maxTokens >= 1);
  mustBe('jitter', resolved.jitter, 'from 0 to 1', resolved.jitter >= 0 && resolved.jitter <= 1);
  mustBe(
    'models',
    resolved.models,
    'at least one name',
    resolved.models.length > 0 && !resolved.models.includes(''),
  );
  return resolved;
}

const defaults: Omit<ResolvedOptions, 'weights'> = Object.freeze({
  host: '127.0.0.1',
  port: 0,
  models: ['all-MiniLM-L6-v2'],
  dimensions: 384,
  maxTokens: Number.POSITIVE_INFINITY,
  aMs: 0,
  bMs: 0,
  cMs: 0,
  jitter: 0,
  workers: 1,
  jobQueueSize: 1000,
  batchSize: 1,
  maxBatchDelayMs: 100,
  maxRequestBytes: 64 * 1024 * 1024,
  maxClientBatchSize: 1024,
  seed: 1,
  faults: [],
  countTexts: false,
});

function mustBe(name: string, value: unknown, bound: string, holds: boolean): void {
  if (!holds) throw new RangeError(`${name} must be ${bound}, got ${String(value)}`);
}
