import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Job, JobResult } from './job.ts';
import { toMarkdown } from './report.ts';
import { traceSources } from './traces.ts';

const HELP = `Scores scaling policies against HPA, HPA of document 002, AWS target tracking, Knative and fixed counts.

  pnpm bench:policies --policy default --trace azure-llm-conv-2023.csv
  pnpm bench:policies --policy ./mine.ts --traces bursty,flash --shifts 0,5,10 --seeds 2 --brief

  --policy NAME|FILE   hpa, hpa-002, aws-target-tracking, knative, default, or a module with an export "controller";
                       several times for several                                      (default)
  --trace [KIND=]FILE  a trace beside the generated ones: second,requests; judged as KIND (none)
                       (azure, diurnal, bursty, bulk, flash); several times for several
  --traces A,B         only these of azure (the file), diurnal, bursty, bulk, flash   (all)
  --rates 4,10         one replica serves the mean over this                          (4,10)
  --startups 60,300    start-up seconds                                               (60,300)
  --shifts 0,5,10      delays of the trace in seconds; medians over them              (0 to 14)
  --seeds N            seeds 1 to N of each generated trace                           (5)
  --mean R             requests/s of generated traces                                 (6)
  --max N              replicas at most                                               (100)
  --tick-seconds N     how often the policy decides: the first order may take this    (5)
  --brief              totals only
  --json FILE          all numbers
`;

const { values } = parseArgs({
  options: {
    policy: { type: 'string', multiple: true, default: ['default'] },
    trace: { type: 'string', multiple: true, default: [] },
    traces: { type: 'string' },
    rates: { type: 'string', default: '4,10' },
    startups: { type: 'string', default: '60,300' },
    shifts: { type: 'string', default: '0,1,2,3,4,5,6,7,8,9,10,11,12,13,14' },
    seeds: { type: 'string', default: '5' },
    mean: { type: 'string', default: '6' },
    max: { type: 'string', default: '100' },
    'tick-seconds': { type: 'string', default: '5' },
    brief: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else {
  const jobs = jobsOf();
  const results = await runAll(jobs);
  process.stdout.write(`${toMarkdown(results, values.policy, values.brief)}\n`);
  if (values.json !== undefined)
    writeFileSync(
      values.json,
      JSON.stringify(results, (_, value) => (value === Infinity ? null : value), 1),
    );
}

function jobsOf(): readonly Job[] {
  const numbers = (list: string) => list.split(',').map(Number);
  const sources = traceSources(
    values.trace,
    Number(values.seeds),
    Number(values.mean),
    values.traces?.split(','),
  );
  return sources.flatMap((source) =>
    numbers(values.rates).flatMap((rateDivisor) =>
      numbers(values.startups).map((startupSeconds) => ({
        source,
        rateDivisor,
        startupSeconds,
        shifts: numbers(values.shifts),
        max: Number(values.max),
        tickSeconds: Number(values['tick-seconds']),
        policies: values.policy,
      })),
    ),
  );
}

/** Each worker takes the next job when it has done one. */
async function runAll(jobs: readonly Job[]): Promise<readonly JobResult[]> {
  const results = new Array<JobResult>(jobs.length);
  let next = 0;
  const work = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL('./worker.ts', import.meta.url));
      let mine = -1;
      const takeNext = () => {
        mine = next;
        next += 1;
        const job = jobs[mine];
        if (job !== undefined) worker.postMessage(job);
        else void worker.terminate().then(() => resolve());
      };
      worker.on('message', (result: JobResult) => {
        results[mine] = result;
        takeNext();
      });
      worker.on('error', reject);
      takeNext();
    });
  await Promise.all(Array.from({ length: Math.min(jobs.length, availableParallelism()) }, work));
  return results;
}
