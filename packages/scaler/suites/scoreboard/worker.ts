import { parentPort } from 'node:worker_threads';
import { type Job, runJob } from './job.ts';
import { policyOf } from './policies.ts';

// One job at a time, asked for by message.
parentPort?.on('message', (job: Job) => {
  void (async () => {
    const policies = await Promise.all(job.policies.map(async (one) => [one, await policyOf(one)] as const));
    parentPort?.postMessage(runJob(job, new Map(policies)));
  })();
});
