import type { Backend } from '../backend/backend.ts';
import type { BackendEntry } from '../backend-entry.ts';
import type { Clock } from '../clock.ts';
import type { AddressPolicy } from '../discovery/address-policy.ts';
import type { BackendSpec } from '../discovery/backend-spec.ts';
import { entriesOfServer } from '../discovery/backend-target.ts';
import { listModels } from '../discovery/list-models.ts';
import type { ManualSource } from '../discovery/manual-source.ts';
import { parseBackend } from '../discovery/parse-backend-url.ts';
import { PoolError } from '../errors.ts';
import { withoutQuotes } from '../protocol/without-quotes.ts';
import type { TransportFactory } from '../wire/transport.ts';
import type { BackendSet } from './backend-set.ts';
import { type BackendStatus, backendStatus } from './pool-stats.ts';

export interface BackendAdminParts {
  readonly clock: Clock;
  readonly transport: TransportFactory;
  readonly policy: AddressPolicy;
  readonly manual: ManualSource;
  readonly backends: BackendSet;
  /** Begins to follow the sources, unless they are followed already; throws `POOL_CLOSED` for a closed pool. */
  readonly start: () => void;
}

/** What an operator may do to single backends. Every call throws `POOL_UNKNOWN_BACKEND` for an id that is not there. */
export class BackendAdmin {
  readonly #parts: BackendAdminParts;

  constructor(parts: BackendAdminParts) {
    this.#parts = parts;
  }

  /**
   * Adds a backend beside those of the sources.
   * @throws PoolError `POOL_INVALID_OPTIONS` for a wrong spec, `POOL_BACKEND_FORBIDDEN` for an address outside the
   * policy, `POOL_BACKEND_EXISTS` for an id that is there.
   */
  async add(spec: BackendSpec | string): Promise<BackendStatus> {
    this.#parts.start();
    const entry = await this.#entryOf(spec);
    // It may have been closed meanwhile.
    this.#parts.start();
    const verdict = this.#parts.policy.allowsHost(new URL(entry.url).hostname);
    if (verdict.kind === 'refused') throw new PoolError('POOL_BACKEND_FORBIDDEN', verdict.reason);
    if (this.#parts.backends.find(entry.id)) {
      throw new PoolError(
        'POOL_BACKEND_EXISTS',
        `There is a backend ${entry.id} already: remove it first, or give an id`,
      );
    }
    this.#parts.manual.add(entry);
    return this.#status(this.#find(entry.id));
  }

  drain(id: string): BackendStatus {
    const backend = this.#find(id);
    this.#parts.backends.drain(backend);
    return this.#status(backend);
  }

  resume(id: string): BackendStatus {
    const backend = this.#find(id);
    this.#parts.backends.resume(backend);
    return this.#status(backend);
  }

  /**
   * Makes a backend the reference: from now on those of its model serve that embed like it, and no others. For a planned change of model.
   * @throws PoolError `POOL_BACKEND_FAILED` when it does not embed the canary texts now.
   */
  async nameReference(id: string): Promise<BackendStatus> {
    const backend = this.#find(id);
    if (await this.#parts.backends.nameReference(backend)) return this.#status(backend);
    throw new PoolError(
      'POOL_BACKEND_FAILED',
      `${id} can't be the reference, it does not embed the canary texts: ${withoutQuotes(backend.standing.lastProblem ?? 'no answer')}`,
    );
  }

  /** @throws PoolError `POOL_BACKEND_LISTED` for one that a source lists: it would be back at once. */
  remove(id: string): void {
    this.#find(id);
    if (!this.#parts.manual.has(id)) {
      throw new PoolError(
        'POOL_BACKEND_LISTED',
        `${id} is listed by a source: drain it, or take it off the list`,
      );
    }
    this.#parts.manual.remove(id);
    this.#parts.backends.forgetDrain(id);
  }

  #status(backend: Backend): BackendStatus {
    return backendStatus(backend, this.#parts.clock.nowMs());
  }

  #find(id: string): Backend {
    const backend = this.#parts.backends.find(id);
    if (backend) return backend;
    throw new PoolError('POOL_UNKNOWN_BACKEND', `There is no backend ${id}`);
  }

  async #entryOf(spec: BackendSpec | string): Promise<BackendEntry> {
    const target = parseBackend(spec);
    if (target.kind === 'entry') return target.entry;
    if (target.kind === 'dns') {
      throw new PoolError(
        'POOL_INVALID_OPTIONS',
        `${target.name.url}: one backend is added at a time, by its address`,
      );
    }
    const { server } = target;
    const verdict = this.#parts.policy.allowsHost(new URL(server.url).hostname);
    if (verdict.kind === 'refused') throw new PoolError('POOL_BACKEND_FORBIDDEN', verdict.reason);
    const transport = this.#parts.transport(new URL(server.url).origin);
    try {
      const answer = await listModels(server, transport, this.#parts.clock, new AbortController().signal);
      if (answer.kind === 'failed') throw new PoolError('POOL_INVALID_OPTIONS', answer.problem);
      const [entry, ...others] = entriesOfServer(server, answer.models);
      if (entry && others.length === 0) return entry;
      const names = answer.models.join(', ') || 'none';
      throw new PoolError(
        'POOL_INVALID_OPTIONS',
        `${server.url} serves ${names}: name one model in the URL or as model`,
      );
    } finally {
      await transport.close();
    }
  }
}
