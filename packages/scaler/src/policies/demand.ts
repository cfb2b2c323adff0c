import type { QueuedWorkSettings } from '../values/group-settings.ts';
import { expectedBacklog } from './expected-backlog.ts';
import type { PolicyContext } from './policy-context.ts';
import { readSignal } from './read-signal.ts';
import { recentMean } from './recent-mean.ts';
import { risingTrend } from './rising-trend.ts';

/** What a group has to do, in chunks/s. */
export type Demand =
  | {
      readonly kind: 'demand';
      /** Arrivals and what the backlog adds, trend included. */
      readonly chunksPerSecond: number;
      /** Of one replica, at the planned utilization. */
      readonly perReplica: number;
      readonly because: string;
    }
  | { readonly kind: 'lost'; readonly because: string };

/** Arrivals are a mean over this long; over the short one while a queue of more than `busyQueueSeconds` has built up. */
const ARRIVALS_SECONDS = { long: 60, short: 15, busyQueue: 20 };

/** Demand from arrivals, queue and trend: see {@link QueuedWorkSettings}. */
export function demand(settings: QueuedWorkSettings, context: PolicyContext): Demand {
  const queued = readSignal('queued_chunks', context);
  if (queued.kind === 'lost') return queued;
  const arrivals = readSignal('arrivals_per_second', context);
  if (arrivals.kind === 'lost') return arrivals;
  const measured = readSignal('chunks_per_second_per_replica', context);
  const speed =
    measured.kind === 'fresh' && measured.value > 0 ? measured.value : context.classChunksPerSecond;

  const long = recentMean('arrivals_per_second', ARRIVALS_SECONDS.long, 0, context)?.mean ?? arrivals.value;
  const short = recentMean('arrivals_per_second', ARRIVALS_SECONDS.short, 0, context)?.mean ?? arrivals.value;
  const busy = queued.value > ARRIVALS_SECONDS.busyQueue * speed * Math.max(1, context.ready);
  const rate = busy ? Math.max(long, short) : long;

  const horizonSeconds = context.startupSeconds;
  const backlog = expectedBacklog(
    {
      queuedChunks: queued.value,
      arrivalsPerSecond: rate,
      chunksPerSecondPerReplica: speed,
      ready: context.ready,
      readyInSeconds: context.startingAgesSeconds.map((age) => context.startupSeconds - age),
    },
    horizonSeconds,
  );
  const drain = backlog / Math.max(settings.drainBacklogSeconds, horizonSeconds);
  const trend = settings.trend ? risingTrend(context) : 0;
  const extra = Math.max(drain, trend);
  return {
    kind: 'demand',
    chunksPerSecond: rate + extra,
    perReplica: speed * settings.utilization,
    because: `${rate.toFixed(1)} chunks/s and ${extra.toFixed(1)} for ${drain >= trend ? 'the backlog' : 'the trend'} over ${(speed * settings.utilization).toFixed(1)} per replica`,
  };
}
