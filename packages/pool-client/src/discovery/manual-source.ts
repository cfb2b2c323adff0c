import type { BackendEntry } from '../backend-entry.ts';
import type { BackendSource, SourceSnapshot } from './backend-source.ts';

/** Backends that an operator adds and removes while the pool runs. An empty one is not pending: nothing is expected of it. */
export class ManualSource implements BackendSource {
  readonly name = 'added by hand';
  #entries: readonly BackendEntry[] = [];
  #report: ((snapshot: SourceSnapshot) => void) | undefined;

  has(id: string): boolean {
    return this.#entries.some((entry) => entry.id === id);
  }

  /** Takes the place of an entry with the same id. */
  add(entry: BackendEntry): void {
    this.#entries = [...this.#entries.filter(({ id }) => id !== entry.id), entry];
    this.#tell();
  }

  remove(id: string): void {
    this.#entries = this.#entries.filter((entry) => entry.id !== id);
    this.#tell();
  }

  async run(report: (snapshot: SourceSnapshot) => void): Promise<void> {
    this.#report = report;
    this.#tell();
  }

  #tell(): void {
    this.#report?.({ kind: 'listed', entries: this.#entries, complete: true });
  }
}
