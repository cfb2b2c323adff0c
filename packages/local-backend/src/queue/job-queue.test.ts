import { expect, it } from 'vitest';
import { LocalBackendError } from '../errors.ts';
import type { Embedder } from '../model/embedder.ts';
import { JobQueue } from './job-queue.ts';

/** A worker that answers when told to, with the text it was given. */
function heldWorker() {
  const begun: { readonly text: string; finish(): void; fail(): void }[] = [];
  const worker: Embedder = {
    embed: ({ texts: [text = ''] }) =>
      new Promise((resolve, reject) => {
        begun.push({
          text,
          finish: () => resolve(Buffer.from(text)),
          fail: () => reject(new LocalBackendError('BACKEND_SESSION_FAILED', text)),
        });
      }),
  };
  return { worker, begun };
}

const input = (text: string) => ({ texts: [text], flat: true });
const never = new AbortController().signal;
const turn = () => new Promise((resolve) => setImmediate(resolve));

it('gives each worker one request at a time, in order of arrival', async () => {
  const queue = new JobQueue(10);
  const { worker, begun } = heldWorker();
  queue.add(worker);
  const answers = ['a', 'b', 'c'].map((text) => queue.submit(input(text), never));
  for (const text of ['a', 'b', 'c']) {
    expect(begun.at(-1)?.text).toBe(text);
    begun.at(-1)?.finish();
    await turn();
  }
  expect((await Promise.all(answers)).map(String)).toEqual(['a', 'b', 'c']);
});

it('uses every worker', () => {
  const queue = new JobQueue(10);
  const workers = [heldWorker(), heldWorker()];
  for (const { worker } of workers) queue.add(worker);
  for (const text of ['a', 'b', 'c']) void queue.submit(input(text), never);
  expect(workers.map(({ begun }) => begun.map(({ text }) => text))).toEqual([['a'], ['b']]);
  expect(queue.queued).toBe(1);
});

it('refuses beyond its bound, and takes again after', async () => {
  const queue = new JobQueue(1);
  const { worker, begun } = heldWorker();
  queue.add(worker);
  void queue.submit(input('running'), never);
  void queue.submit(input('waiting'), never);
  await expect(queue.submit(input('too many'), never)).rejects.toMatchObject({ code: 'BACKEND_QUEUE_FULL' });
  begun[0]?.finish();
  await turn();
  void queue.submit(input('again'), never);
  expect(queue.queued).toBe(1);
});

it('refuses while there is no worker', async () => {
  await expect(new JobQueue(1).submit(input('a'), never)).rejects.toMatchObject({
    code: 'BACKEND_NOT_READY',
  });
});

it('forgets a waiting request whose caller leaves', async () => {
  const queue = new JobQueue(10);
  const { worker, begun } = heldWorker();
  queue.add(worker);
  const caller = new AbortController();
  void queue.submit(input('running'), never);
  const left = queue.submit(input('left'), caller.signal);
  void queue.submit(input('next'), never);
  caller.abort();
  await expect(left).rejects.toMatchObject({ code: 'BACKEND_ABORTED' });
  begun[0]?.finish();
  await turn();
  expect(begun.map(({ text }) => text)).toEqual(['running', 'next']);
});

it('does not take a request whose caller has left already', async () => {
  const queue = new JobQueue(10);
  queue.add(heldWorker().worker);
  await expect(queue.submit(input('a'), AbortSignal.abort())).rejects.toMatchObject({
    code: 'BACKEND_ABORTED',
  });
});

it('goes on after a request that fails', async () => {
  const queue = new JobQueue(10);
  const { worker, begun } = heldWorker();
  queue.add(worker);
  const failed = queue.submit(input('bad'), never);
  const next = queue.submit(input('good'), never);
  begun[0]?.fail();
  await expect(failed).rejects.toMatchObject({ code: 'BACKEND_SESSION_FAILED' });
  begun[1]?.finish();
  expect(String(await next)).toBe('good');
});

it('fails what waits when the last worker leaves, and gives a worker that left nothing more', async () => {
  const queue = new JobQueue(10);
  const { worker, begun } = heldWorker();
  queue.add(worker);
  const running = queue.submit(input('running'), never);
  const waiting = queue.submit(input('waiting'), never);
  queue.remove(worker);
  await expect(waiting).rejects.toMatchObject({ code: 'BACKEND_NOT_READY' });
  begun[0]?.finish();
  expect(String(await running)).toBe('running');
  expect([queue.workers, begun.length]).toEqual([0, 1]);
});
