import { ManualClock } from '@forebay/testing';
import type { Backend } from '../backend/backend.ts';
import type { SendResult } from '../backend/exchange.ts';
import type { PoolEvent } from '../events.ts';
import { type GivenJob, jobOf, vectorsOf } from '../job.test-support.ts';
import { type Job, PRIORITIES } from '../job.ts';
import { type Batch, openPart, textsOf } from '../queue/batch.ts';
import type { BatchBounds } from '../queue/batch-fill.ts';
import { JobQueue } from '../queue/job-queue.ts';
import { Aftermath } from './aftermath.ts';
import { DEFAULT_RETRY } from './next-step.ts';
import { Suspects } from './suspects.ts';

const FLAT = { baseMs: 2, perChunkMs: 1, perKilocharacterMs: 0 };

/** Texts that no backend embeds. */
export const isBad = (text: string) => text.startsWith('bad');

/** What a backend says that embeds what it can, and refuses a batch for a single bad text. */
export function answerTo(texts: readonly string[], reason: 'input' | 'too-large' = 'input'): SendResult {
  return texts.some(isBad)
    ? { kind: 'failed', reason, message: 'bad', retryAfterMs: undefined, notUp: false, durationMs: 1 }
    : { kind: 'vectors', vectors: vectorsOf(...texts.map((_, index) => index)), durationMs: 1 };
}

/** What stands in for a backend. */
export interface FakeBackend {
  readonly backend: Backend;
  /** Times it was blamed. */
  blamed: number;
}

function fakeBackend(id: string, probe: boolean): FakeBackend {
  const fake = { blamed: 0 };
  const standing = {
    blame: () => {
      fake.blamed += 1;
    },
  };
  // `as` holds: nothing else of a backend is used here.
  const backend = { id, state: 'serving', standing, probe: async () => probe } as unknown as Backend;
  return Object.assign(fake, { backend });
}

/** A queue with jobs, backends, and what comes after their batches, as a dispatcher puts them together. */
export function rigOf(given: readonly GivenJob[], { backends = 2, probe = true } = {}) {
  const clock = new ManualClock(1_000);
  const queue = new JobQueue();
  const fakes = Array.from({ length: backends }, (_, i) => fakeBackend(`b${i}`, probe));
  const events: PoolEvent[] = [];
  const aftermath = new Aftermath({
    clock,
    random: () => 0,
    retry: DEFAULT_RETRY,
    suspects: new Suspects(),
    queue,
    backends: () => fakes.map(({ backend }) => backend),
    charge: () => FLAT,
    emit: (event) => events.push(event),
  });
  const jobs = given.map((one) =>
    jobOf({ onChunkError: 'continue', ...one, onSettled: (job) => queue.forget(job) }),
  );
  for (const job of jobs) queue.push(job);
  const take = ({ backend }: FakeBackend, maxChunks: number): Batch | undefined => {
    const bounds: BatchBounds = { maxChunks, maxCharacters: 1e6, maxMs: 1e6, curve: FLAT, charge: FLAT };
    const batch = queue.take(bounds, ({ history }) => {
      if (history.notBeforeMs > clock.nowMs()) return false;
      const tried = (id: string) => history.triedBackendIds.includes(id);
      return !tried(backend.id) || fakes.every((other) => tried(other.backend.id));
    });
    const open = batch && openPart(batch);
    return open && open.chunks > 0 ? open : undefined;
  };
  return { clock, queue, fakes, events, aftermath, jobs, take };
}

/** All of it. */
export type Rig = ReturnType<typeof rigOf>;

/** Sends by turns to each backend until nothing is left; the batches that were sent. */
export async function runOut(
  rig: Rig,
  maxChunks: number,
  afterSend: (sends: number) => void = () => undefined,
): Promise<string[][]> {
  const sent: string[][] = [];
  let idle = 0;
  for (let turn = 0; rig.queue.chunks > 0; turn += 1) {
    const fake = rig.fakes[turn % rig.fakes.length] as FakeBackend; // there is one at least
    const batch = rig.take(fake, maxChunks);
    if (!batch) {
      // Each was asked for each thing that it may have been kept from.
      idle += 1;
      if (idle > 2 * rig.fakes.length) throw new Error(`${rig.queue.chunks} chunks wait for ever`);
      continue;
    }
    idle = 0;
    const texts = textsOf(batch);
    sent.push(texts);
    afterSend(sent.length);
    await rig.aftermath.settle(fake.backend, batch, answerTo(texts), false);
    if (sent.length > 20_000) throw new Error('it never ends');
  }
  return sent;
}

/** What `counts` are when nothing is left. */
export const emptied = (tenants: readonly string[]) => ({
  chunks: 0,
  bytes: 0,
  depth: [0, 0, 0],
  waiting: tenants.map(() => ({ chunks: 0, bytes: 0 })),
  oldest: undefined,
  workMs: 0,
});

/** What the queue says that waits. */
export const counts = ({ queue, jobs }: Rig) => ({
  chunks: queue.chunks,
  bytes: queue.bytes,
  depth: PRIORITIES.map((priority) => queue.depth(priority)),
  waiting: jobs.map(({ request }) => queue.waitingOf(request.tenant)),
  oldest: queue.oldestAcceptedMs,
  workMs: queue.workMs(FLAT),
});

/** The tenant of each job. */
export const tenantsOf = ({ jobs }: Rig) => jobs.map(({ request }) => request.tenant);

/** What became of each chunk of a job that is settled. */
export async function fateOf(job: Job): Promise<string[]> {
  const { vectors, failures } = await job.settled;
  const errors = new Map(failures.map(({ index, error }) => [index, error.code]));
  // Not `map`: that leaves out what is not there.
  return Array.from(vectors, (vector, index) => (vector ? 'answered' : (errors.get(index) ?? 'neither')));
}
