import type { ScalingActivity } from '../../aws/auto-scaling-api.ts';

/** How launches that are still missing stand. */
export type LaunchStanding =
  | { readonly kind: 'failed'; readonly because: string }
  /** AWS works on it. */
  | { readonly kind: 'under-way' }
  /** Nothing is known of them. */
  | { readonly kind: 'idle' };

/**
 * By the newest activities, the newest first; those that began before `sinceMs` say nothing about launches ordered since.
 * One under way wins over one that failed: a group with several zones or instance types goes on trying.
 */
export function launchStanding(activities: readonly ScalingActivity[], sinceMs: number): LaunchStanding {
  if (activities.some(isUnderWay)) return { kind: 'under-way' };
  const newest = activities.find(
    ({ description, startedAtMs }) => description.startsWith('Launching') && startedAtMs >= sinceMs,
  );
  if (newest?.status !== 'Failed') return { kind: 'idle' };
  return { kind: 'failed', because: newest.message || newest.description };
}

/** An end says nothing of launches, and may wait for its lifecycle hook for hours. */
function isUnderWay({ status, description }: ScalingActivity): boolean {
  return !OVER.has(status) && !description.startsWith('Terminating');
}

const OVER: ReadonlySet<string> = new Set(['Successful', 'Failed', 'Cancelled']);
