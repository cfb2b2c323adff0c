import type { JobsPerHostSettings } from '../values/group-settings.ts';
import type { Vote } from '../values/vote.ts';
import type { PolicyContext } from './policy-context.ts';
import { readSignal } from './read-signal.ts';
import { lost, wants } from './wants.ts';

/**
 * Document 001: capacity for n + 2·√n jobs, or for n times a factor.
 *
 * 100 jobs with margin 2 want capacity for 120; at 40 jobs per host 3 hosts.
 */
export function jobsPerHost(settings: JobsPerHostSettings, context: PolicyContext): Vote {
  const { name: policy, signal, formula, margin, jobsPerHost: perHost } = settings;
  const read = readSignal(signal, context);
  if (read.kind === 'lost') return lost(policy, read.because);
  const jobs = Math.max(0, read.value);
  const capacity = formula === 'sqrt' ? jobs + margin * Math.sqrt(jobs) : jobs * margin;
  const because = `${Number(jobs.toPrecision(4))} jobs want capacity for ${capacity.toFixed(1)} at ${perHost} per host`;
  const hosts = capacity / perHost;
  return wants(policy, hosts, because, {
    jobs,
    desired_job_capacity: capacity,
    jobs_per_host: perHost,
    desired_host_capacity: hosts,
  });
}
