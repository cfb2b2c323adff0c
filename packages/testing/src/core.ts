import type { Clock } from './clock.ts';
import { CounterLedger } from './counters.ts';
import { type EmbeddingJob, mergeJobs } from './embedding-job.ts';
import { type EncodedVector, vectorEncoder } from './encoded-vector.ts';
import { FaultSchedule } from './fault-schedule.ts';
import type { ResolvedOptions } from './options.ts';
import { seededRandom } from './seeded-random.ts';
import { ServiceQueue } from './service-queue.ts';

/** One served model. */
export type ServedModel = {
  readonly queue: ServiceQueue<EmbeddingJob>;
  readonly encode: (text: string) => EncodedVector;
};

/** What all requests to one simulated backend share; it knows no sockets. */
export type Core = {
  readonly options: ResolvedOptions;
  readonly models: ReadonlyMap<string, ServedModel>;
  readonly faults: FaultSchedule;
  readonly counters: CounterLedger;
  readonly random: () => number;
};

/** Makes the parts that belong together. Nothing runs yet. */
export function createCore(options: ResolvedOptions, clock: Clock): Core {
  const random = seededRandom(options.seed);
  const counters = new CounterLedger(options.countTexts);
  const rules = { options, random, counters };
  const models = options.models.map((name) => [name, servedModel(name, rules, clock)] as const);
  return {
    options,
    models: new Map(models),
    faults: new FaultSchedule(random, () => clock.nowMs()),
    counters,
    random,
  };
}

function servedModel(
  name: string,
  rules: {
    readonly options: ResolvedOptions;
    readonly random: () => number;
    readonly counters: CounterLedger;
  },
  clock: Clock,
): ServedModel {
  const { options } = rules;
  const encode = vectorEncoder({ model: options.weights ?? name, dimensions: options.dimensions });
  const maxCharacters = options.maxTokens * 4;
  return {
    queue: new ServiceQueue(options, clock, (jobs) => mergeJobs(jobs, rules)),
    encode: (text) => encode(text.length > maxCharacters ? text.slice(0, maxCharacters) : text),
  };
}
