import type { CounterLedger } from './counters.ts';
import type { FaultEffect } from './fault-effect.ts';
import type { Refusal } from './refusal.ts';
import type { Batch, Job } from './service-queue.ts';
import { type ServiceTime, serviceTimeMs, withJitter } from './service-time.ts';

/** One embedding request in a model's queue. */
export interface EmbeddingJob extends Job {
  /** At least one. */
  readonly texts: readonly string[];
  readonly effect: FaultEffect;
  /** The batch got nowhere, without work. */
  refused(refusal: Refusal): void;
  /** The work is done; with a refusal it was in vain. */
  computed(refusal: Refusal | undefined): void;
}

/** What merged jobs share. */
export interface MergeRules {
  readonly options: ServiceTime & { readonly jitter: number; readonly maxTokens: number };
  readonly random: () => number;
  readonly counters: Pick<CounterLedger, 'computed'>;
}

/**
 * Makes one batch of the jobs, as DJL does with those it merges: it takes the time of all their texts together, padded to the
 * longest, and one bad job fails them all in the same way.
 */
export function mergeJobs(jobs: readonly EmbeddingJob[], { options, random, counters }: MergeRules): Batch {
  const refusal = firstRefusal(jobs, 'atWorker');
  if (refusal) {
    return {
      serviceMs: 0,
      texts: 0,
      done: () => {
        for (const job of jobs) job.refused(refusal);
      },
    };
  }
  const texts = jobs.flatMap((job) => job.texts);
  const workMs = jobs.reduce(
    (timeMs, { effect }) => effect.slowed(timeMs),
    serviceTimeMs(texts, options, options.maxTokens),
  );
  const failure = firstRefusal(jobs, 'afterWork');
  return {
    serviceMs: withJitter(workMs, options.jitter, random),
    texts: texts.length,
    done: () => {
      counters.computed(texts);
      for (const job of jobs) job.computed(failure);
    },
  };
}

function firstRefusal(jobs: readonly EmbeddingJob[], when: 'atWorker' | 'afterWork'): Refusal | undefined {
  return jobs.find(({ effect }) => effect[when])?.effect[when];
}
