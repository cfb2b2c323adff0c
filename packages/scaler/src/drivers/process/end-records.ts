import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keyOf, type TableEntry } from './process-table.ts';

/**
 * When each process was told to end, on disk: after a restart none is told twice (a second signal cuts off what a model server still
 * answers), and one that doesn't obey is killed in its time.
 */
export class EndRecords {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Undefined when it was not told yet. */
  async orderedAtMs(entry: TableEntry): Promise<number | undefined> {
    try {
      const orderedAtMs = Number(await readFile(this.#pathOf(keyOf(entry)), 'utf8'));
      return Number.isFinite(orderedAtMs) ? orderedAtMs : 0; // half a record: long ago
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined; // the file system throws nothing else
      throw error;
    }
  }

  async put(entry: TableEntry, orderedAtMs: number): Promise<void> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    await writeFile(this.#pathOf(keyOf(entry)), String(orderedAtMs));
  }

  /** Deletes the records of all but `living`. */
  async forgetOthers(living: readonly TableEntry[]): Promise<void> {
    const kept = new Set(living.map(keyOf));
    for (const key of await this.#keys()) {
      if (!kept.has(key)) await rm(this.#pathOf(key), { force: true });
    }
  }

  async #keys(): Promise<readonly string[]> {
    try {
      return await readdir(this.#dir);
    } catch {
      return []; // nobody was told yet
    }
  }

  #pathOf(key: string): string {
    return join(this.#dir, key);
  }
}
