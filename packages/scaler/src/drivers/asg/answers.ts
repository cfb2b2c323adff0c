/** How often a replica that answered before may stay silent: a busy model server misses a second now and then. */
export const FORGIVEN = 2;

interface Record {
  readonly answered: boolean;
  readonly misses: number;
}

/** Which instances have ever answered, and how they do. Memory of one process: after a restart one that doesn't answer is starting. */
export class Answers {
  #records: ReadonlyMap<string, Record> = new Map();
  #areKnown = false;

  /** Whether a round was taken yet. */
  get areKnown(): boolean {
    return this.#areKnown;
  }

  /** Takes the answers of one round, for all instances in service; those that aren't asked any more are forgotten. */
  take(answers: ReadonlyMap<string, boolean>): void {
    this.#areKnown = true;
    this.#records = new Map(
      [...answers].map(([id, ok]) => {
        const { answered, misses } = this.#records.get(id) ?? { answered: false, misses: 0 };
        return [id, ok ? { answered: true, misses: 0 } : { answered, misses: misses + 1 }];
      }),
    );
  }

  stateOf(id: string): 'starting' | 'ready' | 'unhealthy' {
    const { answered, misses } = this.#records.get(id) ?? { answered: false, misses: 0 };
    if (!answered) return 'starting';
    return misses > FORGIVEN ? 'unhealthy' : 'ready';
  }
}
