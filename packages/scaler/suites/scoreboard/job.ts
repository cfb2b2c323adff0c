import type { NamedController } from '../../src/simulate/controller.ts';
import { type Candidate, judge, type Verdict, type Yardsticks } from './criteria.ts';
import { measure, shiftedBy } from './measure.ts';
import { requestsOf, type TraceSource } from './traces.ts';
import { yardsticksFor } from './yardsticks.ts';

/** One trace at one rate and start-up time. */
export interface Job {
  readonly source: TraceSource;
  /** One replica serves the trace's mean rate over this. */
  readonly rateDivisor: number;
  readonly startupSeconds: number;
  readonly shifts: readonly number[];
  readonly max: number;
  readonly tickSeconds: number;
  readonly policies: readonly string[];
}

/** What came of it, for each policy. */
export interface JobResult {
  readonly job: Job;
  readonly yardsticks: Yardsticks;
  readonly scored: readonly {
    readonly policy: string;
    readonly candidate: Candidate;
    readonly verdicts: readonly Verdict[];
  }[];
}

/** Measures and judges. */
export function runJob(job: Job, policies: ReadonlyMap<string, NamedController>): JobResult {
  const requests = requestsOf(job.source);
  const mean = requests.reduce((sum, count) => sum + count, 0) / requests.length;
  const perReplica = mean / job.rateDivisor;
  const { startupSeconds, max, shifts } = job;
  const traces = shiftedBy(requests, shifts);
  const system = { perReplica, startupSeconds, min: 1, initial: Math.ceil(job.rateDivisor / 0.7), max };
  const yardsticks = yardsticksFor(requests, system, shifts, SKIP_SECONDS);
  const scored = [...policies].map(([policy, controller]) => {
    const candidate = {
      warm: measure(traces, system, controller, SKIP_SECONDS),
      cold: measure(traces, { ...system, initial: 1 }, controller, 0),
      fromZero: measure(traces, { ...system, min: 0, initial: 0 }, controller, 0),
    };
    const about = { trace: job.source.name, startupSeconds, tickSeconds: job.tickSeconds };
    return { policy, candidate, verdicts: judge(yardsticks, candidate, about) };
  });
  return { job, yardsticks, scored };
}

const SKIP_SECONDS = 600;
