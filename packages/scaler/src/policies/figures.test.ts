import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LOAD_SIGNALS, POLICIES, samplesOf } from '../decide/any-input.test-support.ts';
import { peer, policyContext, samples } from '../decide/decision.test-support.ts';
import type { PolicySettings } from '../values/group-settings.ts';
import type { PolicyContext } from './policy-context.ts';
import { voteOf } from './vote-of.ts';

function wish(settings: PolicySettings, context: Partial<PolicyContext>) {
  const vote = voteOf(settings, policyContext(context));
  if (vote.kind === 'abstains') throw new Error(vote.because);
  return vote;
}

const jobsPerHost: PolicySettings = {
  type: 'jobs-per-host',
  name: 'jobs',
  weight: 1,
  signal: 'queue',
  formula: 'sqrt',
  margin: 2,
  jobsPerHost: 40,
};

describe('figures', () => {
  it.each<[string, PolicySettings, Partial<PolicyContext>, Readonly<Record<string, number>>]>([
    [
      "of jobs per host are document 001's",
      jobsPerHost,
      { samples: samples({ queue: 100 }) },
      { jobs: 100, desired_job_capacity: 120, jobs_per_host: 40, desired_host_capacity: 3 },
    ],
    [
      'of a backlog are the messages and what one replica shall have of them',
      policy('backlog'),
      { samples: samples({ queue: 6 }) },
      { value: 6, value_per_replica: 1 },
    ],
    [
      'of target tracking are what is compared',
      policy('target-tracking'),
      { samples: samples({ cpu_percent: 90 }), current: 6, ready: 4 },
      { value: 90, target: 60, ratio: 1.5, ready_replicas: 4, unready_replicas: 2 },
    ],
    [
      'of a sum know no replicas',
      policy('target-tracking of a total'),
      { samples: samples({ queue: 6 }) },
      { value: 6, target: 3, ratio: 2 },
    ],
    [
      'of a threshold are both bounds',
      policy('threshold'),
      { samples: samples({ cpu_percent: 20 }) },
      { value: 20, above: 70, below: 35 },
    ],
    [
      'of a step name its bound and its change',
      policy('step'),
      { samples: samples({ queue: 25 }) },
      { value: 25, step_from: 20, change_replicas: 3 },
    ],
    [
      'of the lowest step have no bound',
      policy('step'),
      { samples: samples({ queue: 0 }) },
      { value: 0, change_replicas: -1 },
    ],
    ['of a schedule count windows', policy('schedule'), {}, { open_windows: 1 }],
    [
      'of queued work go from arrivals to the need',
      policy('queued-work'),
      {
        current: 1,
        startupSeconds: 60,
        peers: [peer({ group: 'z', pricePerHour: 9 })],
        samples: samples({ arrivals_per_second: 36, queued_chunks: 960, chunks_per_second_per_replica: 12 }),
      },
      {
        arrivals_chunks_per_second: 36,
        queued_chunks: 960,
        // 36/s come and 12 + 10 are served for a minute.
        expected_backlog_chunks: 960 + 60 * (36 - 22),
        drain_seconds: 180,
        drain_chunks_per_second: 10,
        trend_chunks_per_second: 0,
        served_chunks_per_second: 22,
        demand_chunks_per_second: 46,
        replica_chunks_per_second: 12,
        planned_replica_chunks_per_second: expect.closeTo(9.6, 9),
        own_part_ratio: 1,
        needed_replicas: expect.closeTo(46 / 9.6, 9),
      },
    ],
  ])('%s', (_, settings, context, figures) => {
    expect(wish(settings, context).figures).toEqual(figures);
  });

  it.each(Object.entries(POLICIES))(
    'of %s have names that can be labels, whatever the load',
    (_, settings) => {
      const load = fc.record(
        Object.fromEntries(LOAD_SIGNALS.map((name) => [name, fc.double({ min: 0, max: 1e6, noNaN: true })])),
      );
      fc.assert(
        fc.property(load, fc.nat(9), (values, current) => {
          const given = samplesOf(values as Parameters<typeof samplesOf>[0]); // one value for each of the names
          const vote = voteOf(settings, policyContext({ current, samples: given }));
          if (vote.kind === 'abstains') return;
          for (const [name, value] of Object.entries(vote.figures ?? {})) {
            expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
            expect(value).not.toBeNaN();
          }
          expect(Object.keys(vote.figures ?? {}).length).toBeGreaterThan(0);
        }),
        { seed: 1 },
      );
    },
  );
});

it('stand in docs/metrics.md', () => {
  const docs = readFileSync(new URL('../../../../docs/metrics.md', import.meta.url), 'utf8');
  const values = { queue: 25, cpu_percent: 90, queued_chunks: 1, arrivals_per_second: 1 };
  for (const settings of Object.values(POLICIES)) {
    const row = docs
      .slice(docs.indexOf('### Figures of policies'))
      .split(/\n(?=\| `)/)
      .find((each) => each.split('|')[1]?.includes(`\`${settings.type}\``));
    const figures = Object.keys(wish(settings, { samples: samples(values) }).figures ?? {});
    expect(figures.filter((name) => !row?.includes(`\`${name}\``))).toEqual([]);
  }
});

function policy(name: keyof typeof POLICIES): PolicySettings {
  return POLICIES[name] as PolicySettings; // the key is one of its own
}
