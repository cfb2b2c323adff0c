import { setTimeout as sleepFor } from 'node:timers/promises';
import autocannon from 'autocannon';
import { textsOf } from '../workloads.ts';
import { type InnerClient, watchClient } from './inner-client.ts';
import { repeatCheck } from './repeat-check.ts';

/** One burst on a gateway that runs already. */
export interface BurstPlan {
  /** Where a DJL request goes: `http://127.0.0.1:8080/predictions/all-MiniLM-L6-v2`. */
  readonly djlUrl: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Callers at the same time, each with one open request. */
  readonly connections: number;
  readonly chunksPerRequest: number;
  /** After this no new request is sent; open ones are waited for. */
  readonly seconds: number;
  /** How often `onProgress` is called. @default 2000 */
  readonly progressMs?: number;
  readonly onProgress?: (soFar: BurstResult) => void | Promise<void>;
}

/** What came of a burst. */
export interface BurstResult {
  /** From the first request to the last answer. */
  readonly seconds: number;
  /** Sent. */
  readonly requests: number;
  /** Time of each request with a good answer, in ms, in the order of the answers. */
  readonly latenciesMs: readonly number[];
  /** When the first good answer came, in seconds from the start. */
  readonly firstAnswerSeconds: number | undefined;
  /** What failed: `503`, `no answer` for a connection that broke or {@link ANSWER_LIMIT_SECONDS} without one, `wrong answer`. */
  readonly failures: Readonly<Record<string, number>>;
  /** The body of the first answer that was an error, cut short. */
  readonly firstError: string | undefined;
  /** Answers whose vectors were looked at. */
  readonly checked: number;
}

/** A gateway holds a request for its deadline at most; this is beyond any. */
const ANSWER_LIMIT_SECONDS = 120;

/** Different requests that each connection sends in turn. */
const REQUESTS = 8;

/** So many broken connections, or errors without one good answer: nothing will come of it. */
const GIVEN_UP_AFTER = 1_000;

const LOOK_MS = 50;

/** Puts a gateway under load in a closed loop, counting from the first request to the last answer. */
export async function burst(plan: BurstPlan): Promise<BurstResult> {
  const { connections, chunksPerRequest, progressMs = 2_000 } = plan;
  const check = repeatCheck(chunksPerRequest);
  const workload = { name: 'burst', textsPerRequest: chunksPerRequest, connections };
  const clients: InnerClient[] = [];
  const latenciesMs: number[] = [];
  const failures = new Map<string, number>();
  let [answers, checked, ended] = [0, 0, false];
  let firstAnswerSeconds: number | undefined;
  let firstError: string | undefined;
  const fail = (what: string) => failures.set(what, (failures.get(what) ?? 0) + 1);
  const fromMs = performance.now();
  const secondsNow = () => (performance.now() - fromMs) / 1_000;
  const wrong = new Set<number>();
  const onBody = (connection: number, request: number, status: number, body: string) => {
    if (status !== 200) return;
    const verdict = check(connection, request, body);
    if (verdict !== 'unchecked') checked += 1;
    if (verdict === 'wrong') wrong.add(connection);
  };
  const sent = () => clients.reduce((sum, { reqsMade }) => sum + reqsMade, 0);
  const soFar = (): BurstResult => ({
    seconds: secondsNow(),
    requests: sent(),
    latenciesMs,
    firstAnswerSeconds,
    failures: Object.fromEntries(failures),
    firstError,
    checked,
  });
  const instance = autocannon(
    {
      url: plan.djlUrl,
      method: 'POST',
      connections,
      // It is stopped by hand; this only keeps it from stopping by itself.
      duration: plan.seconds + 3_600,
      timeout: ANSWER_LIMIT_SECONDS,
      sampleInt: LOOK_MS,
      bailout: GIVEN_UP_AFTER,
      setupClient: (client) => {
        const connection = clients.length;
        const inner = client as unknown as InnerClient; // it is one: see there
        clients.push(inner);
        watchClient(inner, {
          onAnswer(status, latencyMs) {
            answers += 1;
            if (status !== 200) fail(String(status));
            else if (wrong.delete(connection)) fail('wrong answer');
            else {
              firstAnswerSeconds ??= secondsNow();
              latenciesMs.push(latencyMs);
            }
          },
          onErrorBody(text) {
            firstError ??= text;
          },
        });
        client.setRequests(
          Array.from({ length: REQUESTS }, (_, request) => ({
            method: 'POST' as const,
            headers: { 'content-type': 'application/json', ...plan.headers },
            body: JSON.stringify({ inputs: textsOf(workload, connection, request) }),
            onResponse: (status: number, body: string) => onBody(connection, request, status, body),
          })),
        );
      },
    },
    () => undefined,
  );
  const done = new Promise<void>((resolve, reject) => {
    instance.on('done', () => resolve());
    instance.on('error', reject);
  }).finally(() => {
    ended = true;
  });
  done.catch(() => undefined); // it is awaited below
  for (let nextMs = progressMs; !ended && secondsNow() < plan.seconds; ) {
    const leftMs = Math.min(plan.seconds * 1_000, nextMs) - secondsNow() * 1_000;
    await Promise.race([done, sleepFor(Math.max(1, leftMs))]);
    if (secondsNow() * 1_000 < nextMs) continue;
    nextMs += progressMs;
    await plan.onProgress?.(soFar());
    // A wrong name of a model is refused ten thousand times a second.
    if (latenciesMs.length === 0 && failureCount(soFar()) >= GIVEN_UP_AFTER) break;
  }
  for (const client of clients) client.responseMax = client.reqsMade;
  await done;
  // Some ends of connections autocannon doesn't report: what was sent and not answered is what counts.
  if (sent() > answers) failures.set('no answer', sent() - answers);
  return soFar();
}

/** What failed altogether. */
export function failureCount({ failures }: BurstResult): number {
  return Object.values(failures).reduce((sum, count) => sum + count, 0);
}
