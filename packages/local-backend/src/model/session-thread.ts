import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { refuseTelemetry } from '../config.ts';
import { LocalBackendError, messageOf } from '../errors.ts';
import type { Embedder, EmbedInput } from './embedder.ts';
import type { ModelFiles } from './model-files.ts';
import type { SessionReply, SessionRequest, SessionSetup } from './session-messages.ts';

/** The session's thread stands beside this file, in TypeScript as in JavaScript. */
const WORKER_URL = new URL(`./session-worker${extname(import.meta.url)}`, import.meta.url);

/** A thread with a session of its own. */
export interface SessionThread extends Embedder {
  /** Resolves when the thread is gone, with what it died of, or `undefined` after `close()`. */
  readonly ended: Promise<LocalBackendError | undefined>;
  /** Lets the session go and ends the thread. */
  close(): Promise<void>;
}

/** Starts threads for one model. */
export interface SessionThreads {
  /** Resolves when the session is loaded (0.2 s); rejects with `BACKEND_SESSION_FAILED`. */
  start(): Promise<SessionThread>;
}

/** Prepares `files` for any number of threads; reads the weights, once, only where the graph does not lie beside them. */
export function sessionThreads(
  files: ModelFiles,
  { maxRunTexts, groupByLength }: Pick<SessionSetup, 'maxRunTexts' | 'groupByLength'>,
): SessionThreads {
  refuseTelemetry(); // here, not in the thread: a thread's environment is a copy that native code does not see
  const weights = files.graph.kind === 'apart' ? readShared(files.weightsPath) : undefined;
  return {
    start: () =>
      startThread({
        graphPath: files.graph.path,
        weights,
        weightsName: basename(files.weightsPath),
        tokenizerPath: files.tokenizerPath,
        maxRunTexts,
        groupByLength,
        abandoned: new SharedArrayBuffer(4),
      }),
  };
}

interface Pending {
  readonly id: number;
  resolve(json: Uint8Array): void;
  reject(error: LocalBackendError): void;
}

async function startThread(setup: SessionSetup): Promise<SessionThread> {
  const worker = new Worker(WORKER_URL, { workerData: setup, name: 'session' });
  const abandoned = new Int32Array(setup.abandoned);
  const send = (request: SessionRequest) => worker.postMessage(request);
  let pending: Pending | undefined;
  let lastId = 0;
  let closing = false;
  let died: unknown;

  const ended = new Promise<LocalBackendError | undefined>((resolve) => {
    worker.on('error', (error) => {
      died = error;
    });
    worker.on('exit', (code) => {
      const reason = died === undefined ? `exit status ${code}` : messageOf(died);
      const error = new LocalBackendError('BACKEND_WORKER_DIED', `A session's thread died: ${reason}`);
      pending?.reject(error);
      pending = undefined;
      resolve(closing ? undefined : error);
    });
  });
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve());
    void ended.then((error) => {
      const reason = messageOf(died ?? error);
      reject(new LocalBackendError('BACKEND_SESSION_FAILED', `The model could not be loaded: ${reason}`));
    });
  });
  worker.on('message', (reply: Exclude<SessionReply, { kind: 'ready' }>) => {
    const current = pending;
    pending = undefined;
    if (reply.kind === 'answer') current?.resolve(reply.json);
    else current?.reject(toError(reply));
  });
  return {
    ended,
    embed: ({ texts, flat }: EmbedInput, signal) =>
      new Promise((resolve, reject) => {
        lastId += 1;
        const id = lastId;
        const abandon = () => Atomics.store(abandoned, 0, id);
        const settle =
          <Value>(how: (value: Value) => void) =>
          (value: Value) => {
            signal.removeEventListener('abort', abandon);
            how(value);
          };
        pending = { id, resolve: settle(resolve), reject: settle(reject) };
        signal.addEventListener('abort', abandon, { once: true });
        if (signal.aborted) abandon();
        send({ kind: 'embed', id, texts, flat });
      }),
    async close() {
      closing = true;
      send({ kind: 'close' });
      await ended;
    },
  };
}

function toError(reply: Extract<SessionReply, { kind: 'abandoned' | 'failed' }>): LocalBackendError {
  return reply.kind === 'abandoned'
    ? new LocalBackendError('BACKEND_ABORTED', 'The caller left')
    : new LocalBackendError('BACKEND_SESSION_FAILED', `The model failed: ${reply.message}`);
}

function readShared(path: string): SharedArrayBuffer {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const shared = new SharedArrayBuffer(size);
    for (let at = 0; at < size; ) {
      const bytes = readSync(file, new Uint8Array(shared, at));
      if (bytes === 0)
        throw new LocalBackendError('BACKEND_NO_MODEL', `${path} ended after ${at} of ${size} bytes`);
      at += bytes;
    }
    return shared;
  } finally {
    closeSync(file);
  }
}
