import type { QueuedWorkSettings } from '../values/group-settings.ts';
import type { Figures } from '../values/vote.ts';
import { expectedBacklog } from './expected-backlog.ts';
import type { PolicyContext } from './policy-context.ts';
import { readSignal } from './read-signal.ts';
import { recentMean } from './recent-mean.ts';
import { replicaSpeed } from './replica-speed.ts';
import { risingTrend } from './rising-trend.ts';
import { standingQueue } from './standing-queue.ts';

/** What there is to do, in chunks/s. */
export type Demand =
  | {
      readonly kind: 'demand';
      /** Arrivals and what backlog or trend add. */
      readonly chunksPerSecond: number;
      /** What one replica of this group does when it is fully busy. */
      readonly perReplica: number;
      /** Whether that was measured. */
      readonly measured: boolean;
      readonly because: string;
      readonly figures: Figures;
    }
  | { readonly kind: 'lost'; readonly because: string };

/** Arrivals are a mean over the long time; while more than `busyQueueSeconds` of work waits, over a shorter one where that is more. */
const ARRIVALS = { seconds: 60, shortSeconds: 15, busyQueueSeconds: 5 };

/** Part of what replicas can do from which on they count as fully busy: learned speeds are not exact. */
const SATURATED_PART = 0.8;

/** A queue that stands, and is at least so many seconds of work, asks for a replica more than tolerance lets pass. */
const STANDING_WORK_SECONDS = 1;

/** A backlog may take so many start-ups: replicas for a shorter time would come too late for the first of it and be too many for the rest. */
const DRAIN_STARTUPS = 3;

/** A need that the tolerance swallowed would be none. */
const BEYOND_TOLERANCE = 1.01;

/** Demand from arrivals, queue and trend: see {@link QueuedWorkSettings}. */
export function demand(settings: QueuedWorkSettings, context: PolicyContext): Demand {
  const queued = readSignal('queued_chunks', context);
  if (queued.kind === 'lost') return queued;
  const arrivals = readSignal('arrivals_per_second', context);
  if (arrivals.kind === 'lost') return arrivals;
  const { chunksPerSecond: speed, measured } = replicaSpeed(context);
  const { peers, startupSeconds } = context;
  const servedPerSecond = peers.reduce(
    (sum, peer) => sum + peer.ready * peer.chunksPerSecond,
    context.ready * speed,
  );

  const long = recentMean('arrivals_per_second', ARRIVALS.seconds, 0, context)?.mean ?? arrivals.value;
  const short = recentMean('arrivals_per_second', ARRIVALS.shortSeconds, 0, context)?.mean ?? arrivals.value;
  const busy = queued.value > ARRIVALS.busyQueueSeconds * Math.max(speed, servedPerSecond);
  const rate = busy ? Math.max(long, short, arrivals.value) : long;

  const own = context.startingAgesSeconds.map((age) => ({
    inSeconds: startupSeconds - age,
    chunksPerSecond: speed,
  }));
  const theirs = peers.flatMap(({ readyInSeconds, chunksPerSecond }) =>
    readyInSeconds.map((inSeconds) => ({ inSeconds, chunksPerSecond })),
  );
  const outlook = {
    queuedChunks: queued.value,
    arrivalsPerSecond: rate,
    servedPerSecond,
    coming: [...own, ...theirs],
  };
  const drainSeconds = Math.max(settings.drainBacklogSeconds, DRAIN_STARTUPS * startupSeconds);
  const backlog = expectedBacklog(outlook, startupSeconds);
  const drain = backlog / drainSeconds;
  const trend = settings.trend ? risingTrend(context) : 0;
  const extra = Math.max(drain, trend);
  const figures = {
    arrivals_chunks_per_second: rate,
    queued_chunks: queued.value,
    expected_backlog_chunks: backlog,
    drain_seconds: drainSeconds,
    drain_chunks_per_second: drain,
    trend_chunks_per_second: trend,
    served_chunks_per_second: servedPerSecond,
  };
  const enough = servedPerSecond * settings.utilization * (1 + settings.tolerance.out) * BEYOND_TOLERANCE;
  if (rate + extra < enough && isSaturated(short, servedPerSecond, context)) {
    const because = `${rate.toFixed(1)} chunks/s, and a queue that stands for half a minute`;
    return { kind: 'demand', chunksPerSecond: enough, perReplica: speed, measured, because, figures };
  }
  return {
    kind: 'demand',
    chunksPerSecond: rate + extra,
    perReplica: speed,
    measured,
    because: `${rate.toFixed(1)} chunks/s and ${extra.toFixed(1)} for ${drain >= trend ? 'the backlog' : 'the trend'}`,
    figures,
  };
}

/** Whether replicas are as busy as they can be and don't get ahead of their queue; one that they work off is no reason for more. */
function isSaturated(rate: number, servedPerSecond: number, context: PolicyContext): boolean {
  if (servedPerSecond === 0 || rate < SATURATED_PART * servedPerSecond) return false;
  return standingQueue(context) >= STANDING_WORK_SECONDS * servedPerSecond;
}
