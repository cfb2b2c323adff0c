import type { SourceDependencies, SourceSnapshot, TenantWeight } from './backend-source.ts';
import type { DirectTarget, ServerTarget } from './backend-target.ts';
import { composeSnapshot } from './compose-snapshot.ts';
import { ModelWatcher } from './model-watcher.ts';

/** What a source may say beside its list. */
interface ListDetails {
  readonly tenants?: readonly TenantWeight[];
  /** The name whose addresses the targets are. */
  readonly resolvedFrom?: string;
}

/**
 * The half that all sources share: keeps the last list that was read, asks servers without a named model for theirs,
 * and reports a new snapshot whenever either has news.
 */
export class SnapshotKeeper {
  readonly #dependencies: SourceDependencies;
  readonly #report: (snapshot: SourceSnapshot) => void;
  readonly #watcher: ModelWatcher;
  #list: (ListDetails & { readonly targets: readonly DirectTarget[] }) | undefined;
  #listProblem: string | undefined;
  #hasShown = false;

  constructor(dependencies: SourceDependencies, report: (snapshot: SourceSnapshot) => void) {
    this.#dependencies = dependencies;
    this.#report = report;
    this.#watcher = new ModelWatcher(dependencies, () => this.#publish());
  }

  /** Takes the place of the last list. */
  list(targets: readonly DirectTarget[], details: ListDetails = {}): void {
    this.#list = { ...details, targets };
    this.#listProblem = undefined;
    const servers = targets.flatMap((target) => (target.kind === 'expand' ? [target.server] : []));
    this.#watcher.watch(servers.filter((server) => this.#refusalOf(server) === undefined));
    this.#publish();
  }

  /** The list could not be read: the last one stays. */
  fail(problem: string): void {
    this.#listProblem = problem;
    this.#publish();
  }

  /** Reports nothing more; resolves when no server is asked any longer. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watcher.close();
  }

  #publish(): void {
    const snapshot = composeSnapshot({
      ...this.#list,
      ...(this.#listProblem !== undefined && { listProblem: this.#listProblem }),
      refusalOf: (server) => this.#refusalOf(server),
      modelsOf: (server) => this.#watcher.modelsOf(server),
      hasShown: this.#hasShown,
    });
    if (snapshot === undefined) return;
    if (snapshot.kind === 'listed' && snapshot.entries.length > 0) this.#hasShown = true;
    this.#report(snapshot);
  }

  #refusalOf(server: ServerTarget): string | undefined {
    const { policy } = this.#dependencies;
    const { hostname } = new URL(server.url);
    const verdict = policy.allowsHost(hostname);
    if (verdict.kind !== 'refused') return undefined;
    const name = this.#list?.resolvedFrom;
    const address = hostname.replace(/^\[(.*)\]$/, '$1');
    if (name !== undefined && policy.allows(address, name)) return undefined;
    return `${server.url} is not asked for its models: ${verdict.reason}`;
  }
}
