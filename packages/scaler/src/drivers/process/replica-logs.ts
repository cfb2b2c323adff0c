import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';

/** Longest log of one replica; a longer one begins anew. */
const MAX_LOG_BYTES = 8 * 1024 * 1024;

/** How many logs are kept of replicas that are gone. */
const KEPT_LOGS = 20;

/** How much of a log's end is read for its last lines. */
const TAIL_BYTES = 2_048;
const TAIL_LINES = 3;

/**
 * One file for each replica: what it writes goes straight there, since a pipe would break with the scaler and end it. Only the user may
 * read them.
 */
export class ReplicaLogs {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  pathOf(id: string): string {
    return join(this.#dir, `${encodeURIComponent(id)}.log`);
  }

  /** An empty file that a child can write to; the caller closes it. */
  async begin(id: string): Promise<Awaited<ReturnType<typeof open>>> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND } = constants;
    return open(this.pathOf(id), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o600);
  }

  /** The last lines, joined; `''` when there are none. */
  async lastLines(id: string): Promise<string> {
    let file: Awaited<ReturnType<typeof open>>;
    try {
      file = await open(this.pathOf(id));
    } catch {
      return ''; // somebody took it away, and it only serves to explain
    }
    try {
      const { size } = await file.stat();
      const { buffer, bytesRead } = await file.read({
        buffer: Buffer.alloc(TAIL_BYTES),
        position: Math.max(0, size - TAIL_BYTES),
      });
      const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
      return lines
        .map((line) => line.trim())
        .filter((line) => line !== '')
        .slice(-TAIL_LINES)
        .join(' | ');
    } finally {
      await file.close();
    }
  }

  /** Empties logs that are too long, and deletes the oldest of replicas that are not among `living`. */
  async trim(living: ReadonlySet<string>): Promise<void> {
    const kept = new Set([...living].map((id) => this.pathOf(id)));
    const gone: { readonly path: string; readonly changedAtMs: number }[] = [];
    for (const path of await this.#paths()) {
      const file = await lstat(path).catch(() => undefined); // somebody has just taken it away
      if (!file) continue;
      if (file.isFile() && file.size > MAX_LOG_BYTES) await truncate(path);
      if (!kept.has(path)) gone.push({ path, changedAtMs: file.mtimeMs });
    }
    const oldestFirst = gone.toSorted((a, b) => a.changedAtMs - b.changedAtMs);
    const surplus = oldestFirst.slice(0, Math.max(0, gone.length - KEPT_LOGS));
    for (const { path } of surplus) await rm(path, { force: true });
  }

  async #paths(): Promise<readonly string[]> {
    try {
      const names = await readdir(this.#dir);
      return names.filter((name) => name.endsWith('.log')).map((name) => join(this.#dir, name));
    } catch {
      return []; // none was launched yet
    }
  }
}
