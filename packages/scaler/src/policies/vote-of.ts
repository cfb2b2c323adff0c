import type { PolicySettings } from '../values/group-settings.ts';
import type { Vote } from '../values/vote.ts';
import { jobsPerHost } from './jobs-per-host.ts';
import { perReplica } from './per-replica.ts';
import type { PolicyContext } from './policy-context.ts';
import { queuedWork } from './queued-work.ts';
import { schedule } from './schedule.ts';
import { step } from './step.ts';
import { targetTracking } from './target-tracking.ts';
import { threshold } from './threshold.ts';

/** What one policy asks for. */
export function voteOf(settings: PolicySettings, context: PolicyContext): Vote {
  switch (settings.type) {
    case 'queued-work':
      return queuedWork(settings, context);
    case 'target-tracking':
      return targetTracking(settings, context);
    case 'step':
      return step(settings, context);
    case 'request-rate':
    case 'backlog':
      return perReplica(settings, context);
    case 'threshold':
      return threshold(settings, context);
    case 'jobs-per-host':
      return jobsPerHost(settings, context);
    case 'schedule':
      return schedule(settings, context);
  }
}
