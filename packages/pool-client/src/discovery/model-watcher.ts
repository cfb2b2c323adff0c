import type { SourceDependencies } from './backend-source.ts';
import type { ServerTarget } from './backend-target.ts';
import { listModels } from './list-models.ts';

/** What is known of a server's models; `problem` with names means that they are from before it failed. */
export type KnownModels =
  | { readonly kind: 'unasked' }
  | { readonly kind: 'unknown'; readonly problem: string }
  | { readonly kind: 'known'; readonly models: readonly string[]; readonly problem?: string };

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;
const REFRESH_MS = 10_000;

/**
 * Asks servers for their models, each in a loop of its own so that a slow one holds up nobody: again after 0.25 s,
 * doubling up to 5 s, while it fails, and every 10 s for new models once it has answered.
 */
export class ModelWatcher {
  readonly #dependencies: SourceDependencies;
  readonly #onChange: () => void;
  readonly #watched = new Map<string, Watch>();
  readonly #ending = new Set<Promise<void>>();

  /** `onChange` is called after each answer and each failure. Starts nothing. */
  constructor(dependencies: SourceDependencies, onChange: () => void) {
    this.#dependencies = dependencies;
    this.#onChange = onChange;
  }

  /** Watches these servers from now on and no others; what is known of those that stay is kept. */
  watch(servers: readonly ServerTarget[]): void {
    const wanted = new Map(servers.map((server) => [keyOf(server), server]));
    for (const [key, watch] of this.#watched) {
      if (wanted.has(key)) continue;
      this.#watched.delete(key);
      watch.stop.abort();
    }
    for (const [key, server] of wanted) {
      if (!this.#watched.has(key)) this.#start(key, server);
    }
  }

  /** What is known of the models of a server; `unasked` for one that is not watched. */
  modelsOf(server: ServerTarget): KnownModels {
    return this.#watched.get(keyOf(server))?.known ?? { kind: 'unasked' };
  }

  /** Ends all loops; resolves when their connections are closed. */
  async close(): Promise<void> {
    this.watch([]);
    await Promise.all(this.#ending);
  }

  #start(key: string, server: ServerTarget): void {
    const watch: Watch = { stop: new AbortController(), known: { kind: 'unasked' } };
    this.#watched.set(key, watch);
    const loop = this.#run(server, watch).finally(() => this.#ending.delete(loop));
    this.#ending.add(loop);
  }

  async #run(server: ServerTarget, watch: Watch): Promise<void> {
    const { clock, transportFactory } = this.#dependencies;
    const { signal } = watch.stop;
    const transport = transportFactory(new URL(server.url).origin);
    let retryMs = FIRST_RETRY_MS;
    while (!signal.aborted) {
      const outcome = await listModels(server, transport, clock, signal);
      if (signal.aborted) break;
      watch.known = learn(watch.known, outcome);
      this.#onChange();
      const failed = outcome.kind === 'failed';
      await clock.sleep(failed ? retryMs : REFRESH_MS, signal);
      retryMs = failed ? Math.min(retryMs * 2, LONGEST_RETRY_MS) : FIRST_RETRY_MS;
    }
    await transport.close();
  }
}

interface Watch {
  readonly stop: AbortController;
  known: KnownModels;
}

function learn(before: KnownModels, outcome: Awaited<ReturnType<typeof listModels>>): KnownModels {
  if (outcome.kind === 'models') return { kind: 'known', models: outcome.models };
  return before.kind === 'known'
    ? { ...before, problem: outcome.problem }
    : { kind: 'unknown', problem: outcome.problem };
}

/** Two entries with the same server share its loop, whatever else they say of it. */
function keyOf(server: ServerTarget): string {
  return `${server.protocol} ${server.url}`;
}
