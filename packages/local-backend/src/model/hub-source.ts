import { createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '../clock.ts';
import { LocalBackendError, messageOf } from '../errors.ts';
import { FETCHED_FILES, type PinnedFile } from './model-files.ts';
import { StallWatch } from './stall-watch.ts';
import type { WeightsSource } from './weights-source.ts';

const REPOSITORY = 'sentence-transformers/all-MiniLM-L6-v2';
/** Attempts without a single new byte after which a file is given up. */
const MAX_IDLE_ATTEMPTS = 3;
/** Pause after an attempt that brought something; doubled for each in a row that did not. */
const PAUSE_MS = 250;
/** A connection that brings nothing for this long counts as broken. */
const STALL_MS = 30_000;

/** What {@link hubSource} needs. */
export interface HubOptions {
  /** `https://huggingface.co` or a mirror with the same paths. */
  readonly hubUrl: string;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  /** @default FETCHED_FILES */
  readonly files?: readonly PinnedFile[];
}

/** Fetches the model from the public hub, resuming where an earlier attempt, also of another process, broke off. */
export function hubSource({ hubUrl, fetch, clock, files = FETCHED_FILES }: HubOptions): WeightsSource {
  const totalBytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return {
    name: 'hub',
    async fetchInto(folder, onProgress, signal) {
      let before = 0;
      for (const file of files) {
        const url = `${hubUrl.replace(/\/+$/, '')}/${REPOSITORY}/resolve/main/${file.name}`;
        const onBytes = (bytes: number) => onProgress(before + bytes, totalBytes);
        await fetchFile({ url, path: join(folder, file.name), file, fetch, clock, onBytes, signal });
        before += file.bytes;
      }
    },
  };
}

interface FileDownload {
  readonly url: string;
  readonly path: string;
  readonly file: PinnedFile;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly onBytes: (bytes: number) => void;
  readonly signal: AbortSignal;
}

async function fetchFile(download: FileDownload): Promise<void> {
  const { path, file, clock, signal } = download;
  let reason = '';
  for (let idleAttempts = 0; idleAttempts < MAX_IDLE_ATTEMPTS; ) {
    const haveBytes = await sizeOf(path);
    if (haveBytes === file.bytes) return;
    if (haveBytes > file.bytes) await rm(path, { force: true });
    try {
      await fetchRest(download, haveBytes > file.bytes ? 0 : haveBytes);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof LocalBackendError) throw error;
      reason = describe(error);
    }
    idleAttempts = (await sizeOf(path)) > haveBytes ? 0 : idleAttempts + 1;
    if (idleAttempts < MAX_IDLE_ATTEMPTS) await clock.sleep(PAUSE_MS * 2 ** idleAttempts, signal);
  }
  throw failed(`${download.url}: ${reason || `ended before ${file.bytes} bytes had come`}`);
}

/** One request for what is missing; appends to the file as bytes come. */
async function fetchRest(
  { url, path, file, fetch, clock, onBytes, signal }: FileDownload,
  fromByte: number,
): Promise<void> {
  const watch = new StallWatch(clock, STALL_MS);
  try {
    const response = await fetch(url, {
      headers: { 'accept-encoding': 'identity', ...(fromByte > 0 && { range: `bytes=${fromByte}-` }) },
      signal: AbortSignal.any([signal, watch.signal]),
    });
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      // 416: what lies there cannot be continued. 5xx and 429 may pass, other answers will not.
      if (response.status === 416) return await rm(path, { force: true });
      const reason = `${url} answered ${response.status}`;
      throw response.status >= 500 || response.status === 429 ? new Error(reason) : failed(reason);
    }
    const resumed =
      response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${fromByte}-`);
    let bytes = resumed ? fromByte : 0;
    const count = async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > file.bytes)
          throw failed(`${url} sends more than the ${file.bytes} bytes of ${file.name}`);
        watch.progressed();
        onBytes(bytes);
        yield chunk;
      }
    };
    await pipeline(
      Readable.fromWeb(response.body),
      count,
      createWriteStream(path, { flags: resumed ? 'a' : 'w' }),
    );
  } finally {
    watch.stop();
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0; // absent: nothing yet
}

/** undici hides the reason, such as ENOTFOUND, in the cause. */
function describe(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
}

function failed(reason: string): LocalBackendError {
  return new LocalBackendError('BACKEND_NO_MODEL', reason);
}
