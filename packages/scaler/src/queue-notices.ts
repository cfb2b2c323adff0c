import { openSqsApi } from './aws/sqs-api.ts';
import type { Clock } from './clock.ts';
import type { QueueConfig, ScalerConfig } from './config/scaler-config.ts';
import type { Logger } from './log.ts';
import type { ScalerMetrics } from './metrics.ts';
import { keepNotice } from './notices/keep-report.ts';
import { QueueWatch } from './notices/queue-watch.ts';
import type { Random } from './random.ts';
import type { Store } from './store/store.ts';

export interface QueueNoticesParts {
  readonly store: Store;
  readonly metrics: Pick<ScalerMetrics, 'countNotice'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Asks for a tick now. */
  readonly wake: () => void;
}

/** The loops over all configured queues. */
export interface QueueNotices {
  /** Until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * One loop a queue, in every scaler and not only in the one that leads: what one stores all see, since they share the state. None in a dry
 * run, which would take messages away from the scaler that acts.
 */
export function queueNotices(
  { interruptionQueues, dryRun }: Pick<ScalerConfig, 'interruptionQueues' | 'dryRun'>,
  { store, metrics, clock, random, log, wake }: QueueNoticesParts,
): QueueNotices {
  const watched = interruptionQueues.map((queue) => {
    const sqs = openSqsApi({ endpoint: queue.endpoint, region: queue.region ?? regionIn(queue) });
    const watch = new QueueWatch({
      url: queue.url,
      sqs,
      keep: (report) => keepNotice(store, report, clock.nowMs()),
      wake,
      count: (outcome) => metrics.countNotice(outcome),
      clock,
      random,
      log,
    });
    return { sqs, watch };
  });
  return {
    async run(signal) {
      if (dryRun && watched.length > 0) {
        log.warn('a dry run reads no queue of notices: it would take them away from the scaler that acts');
        return;
      }
      await Promise.all(watched.map(({ watch }) => watch.run(signal)));
      await Promise.all(watched.map(({ sqs }) => sqs.close()));
    },
  };
}

/** `eu-west-1` of `https://sqs.eu-west-1.amazonaws.com/…`. */
function regionIn({ url }: QueueConfig): string | undefined {
  return /^https?:\/\/sqs\.([a-z0-9-]+)\.amazonaws\.com/.exec(url)?.[1];
}
