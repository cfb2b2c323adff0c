import { setTimeout as sleep } from 'node:timers/promises';
import autocannon from 'autocannon';
import type { AnswerCheck } from './answer-check.ts';
import { textsOf, type Workload } from './workloads.ts';

/** One stretch of load on one target. */
export interface LoadPlan {
  readonly url: string;
  readonly workload: Workload;
  readonly check: AnswerCheck;
  /** Load before anything is counted: connections, compiled code and learned costs settle. */
  readonly warmUpMs: number;
  /** How long is counted. */
  readonly countedMs: number;
  /** Called when counting begins and when it ends. */
  readonly onCounting: (moment: 'begins' | 'ends') => void;
}

/** What came back while counting. */
export interface LoadResult {
  readonly seconds: number;
  /** Of answers with status 200, in milliseconds. */
  readonly latenciesMs: readonly number[];
  /** Answers with another status. */
  readonly refused: number;
  /** Broken connections, and requests without an answer for a minute. */
  readonly broken: number;
  /** Answers whose vectors were compared with the right ones, and those that differed; of the warm-up as well. */
  readonly checked: number;
  readonly wrong: number;
}

/** Different requests that each connection sends in turn. */
const REQUESTS = 8;

/** Puts a target under load in a closed loop: each connection sends its next request when it has its answer. */
export async function load(plan: LoadPlan): Promise<LoadResult> {
  const { workload, check } = plan;
  let counting = false;
  let [refused, broken, checked, wrong, connections] = [0, 0, 0, 0, 0];
  const latenciesMs: number[] = [];
  const onBody = (connection: number, request: number, status: number, body: string) => {
    if (status !== 200) return;
    const verdict = check(connection, request, body);
    if (verdict !== 'unchecked') checked += 1;
    if (verdict === 'wrong') wrong += 1;
  };
  const instance = autocannon(
    {
      url: plan.url,
      method: 'POST',
      connections: workload.connections,
      // It is stopped by hand; this only keeps it from stopping by itself.
      duration: (plan.warmUpMs + plan.countedMs) / 1_000 + 3_600,
      sampleInt: 50,
      timeout: 60,
      setupClient: (client) => {
        const connection = connections;
        connections += 1;
        client.setRequests(
          Array.from({ length: REQUESTS }, (_, request) => ({
            method: 'POST' as const,
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ inputs: textsOf(workload, connection, request) }),
            onResponse: (status: number, body: string) => onBody(connection, request, status, body),
          })),
        );
      },
    },
    () => undefined,
  );
  const ended = new Promise<void>((resolve, reject) => {
    instance.on('done', () => resolve());
    instance.on('error', reject);
  });
  instance.on('response', (_client, status, _bytes, latencyMs) => {
    if (!counting) return;
    if (status === 200) latenciesMs.push(latencyMs);
    else refused += 1;
  });
  instance.on('reqError', () => {
    if (counting) broken += 1;
  });
  await sleep(plan.warmUpMs);
  plan.onCounting('begins');
  counting = true;
  const fromMs = performance.now();
  await sleep(plan.countedMs);
  counting = false;
  const seconds = (performance.now() - fromMs) / 1_000;
  plan.onCounting('ends');
  instance.stop();
  await ended;
  return { seconds, latenciesMs, refused, broken, checked, wrong };
}
