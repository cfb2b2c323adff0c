import type { OnSecond } from './simulator.ts';

/** What one run looked like: an entry for each second from 0. */
export interface Timeline {
  readonly policy: string;
  readonly desired: readonly number[];
  readonly ready: readonly number[];
  /** Requests that wait at the end of the second; the part of one that is done is taken off. */
  readonly queued: readonly number[];
}

/** A timeline and the function that fills it while a run goes on. */
export function recordTimeline(policy: string): { readonly timeline: Timeline; readonly onSecond: OnSecond } {
  const desired: number[] = [];
  const ready: number[] = [];
  const queued: number[] = [];
  return {
    timeline: { policy, desired, ready, queued },
    onSecond: (_, desiredNow, readyNow, queuedNow) => {
      desired.push(desiredNow);
      ready.push(readyNow);
      queued.push(Math.round(queuedNow * 1000) / 1000);
    },
  };
}

/** The `--timeline` file: `policy,second,desired,ready,queued`, a row for each policy and second. */
export function toTimelineCsv(timelines: readonly Timeline[]): string {
  const lines = ['policy,second,desired,ready,queued'];
  for (const { policy, desired, ready, queued } of timelines) {
    const name = /[",\n]/.test(policy) ? `"${policy.replaceAll('"', '""')}"` : policy;
    for (let second = 0; second < desired.length; second += 1)
      lines.push(`${name},${second},${desired[second]},${ready[second]},${queued[second]}`);
  }
  return `${lines.join('\n')}\n`;
}
