import { Backend } from '../backend/backend.ts';
import type { BreakerParts } from '../backend/breaker.ts';
import type { BackendEntry } from '../backend-entry.ts';
import type { Clock } from '../clock.ts';
import type { PoolListener } from '../events.ts';
import { protocolFor } from '../protocol/protocol-for.ts';
import type { Random } from '../random.ts';
import type { TransportFactory } from '../wire/transport.ts';
import { IdentityGuard } from './identity-guard.ts';

export interface BackendSetParts {
  readonly clock: Clock;
  readonly transport: TransportFactory;
  readonly batchTimeoutMs: number;
  readonly verify: 'fast' | 'full';
  readonly random: Random;
  readonly emit: PoolListener;
  /** Called when a backend came, went or changed its state. */
  readonly onChange: () => void;
}

/** How often a retired backend is looked at until it is empty, in milliseconds. */
const RETIRE_POLL_MS = 50;

/** How often a backend is looked at that is in doubt while no other serves, in milliseconds: half a second after its return it is found. */
const ATTEND_MS = 500;

/** How often a backend in service is asked for a known text, in milliseconds: one that died while idle is found before a caller finds it. */
const PROBE_MS = 15_000;

/** How often a backend embeds the canary texts again, in milliseconds: in service, refused, and refused while no other serves. */
const EXAMINE_MS = { serving: 180_000, refused: 15_000, alone: 2_000 };

/** First and longest wait between probes of a backend that has not answered yet, in milliseconds. */
const PROBE_DELAYS_MS = { first: 250, longest: 2_000 };

/** The live backends: made, updated and retired as the lists say; new and ejected ones are probed. */
export class BackendSet {
  readonly #parts: BackendSetParts;
  #listed: readonly Backend[] = [];
  /** Off the list and still working on something. */
  #leaving: readonly Backend[] = [];
  readonly #drainedByOperator = new Set<string>();

  readonly #guard = new IdentityGuard((model) => this.#listed.filter(({ entry }) => entry.model === model));

  constructor(parts: BackendSetParts) {
    this.#parts = parts;
  }

  /** All of them, draining ones included. A new list replaces the old one on every change. */
  get all(): readonly Backend[] {
    return this.#leaving.length === 0 ? this.#listed : [...this.#listed, ...this.#leaving];
  }

  find(id: string): Backend | undefined {
    return this.#listed.find((backend) => backend.id === id);
  }

  /** Makes the set follow a list: new ones join, known ones are updated, missing ones finish and go. */
  follow(entries: readonly BackendEntry[]): void {
    const before = new Map(this.#listed.map((backend) => [backend.id, backend]));
    const listed: Backend[] = [];
    const joined: Backend[] = [];
    for (const entry of entries) {
      const known = before.get(entry.id);
      if (known && sameServer(entry, known.entry)) {
        known.update(entry);
        listed.push(known);
        before.delete(entry.id);
      } else {
        const backend = this.#make(entry);
        listed.push(backend);
        joined.push(backend);
      }
    }
    this.#listed = listed;
    for (const backend of before.values()) void this.#retire(backend);
    for (const backend of joined) void this.#attend(backend);
    this.#parts.onChange();
  }

  /** No new work for this one until `resume`. */
  drain(backend: Backend): void {
    this.#drainedByOperator.add(backend.id);
    backend.standing.setDraining(true, 'drained by an operator');
  }

  resume(backend: Backend): void {
    this.#drainedByOperator.delete(backend.id);
    backend.standing.setDraining(false, 'resumed by an operator');
  }

  /** For one that an operator takes away: when it comes back it is a new one. */
  forgetDrain(id: string): void {
    this.#drainedByOperator.delete(id);
  }

  /** Makes this one the reference that all backends of its model must embed like; false when it embeds nothing now. */
  nameReference(backend: Backend): Promise<boolean> {
    return this.#guard.name(backend);
  }

  async close(): Promise<void> {
    const backends = this.all;
    this.#listed = [];
    this.#leaving = [];
    await Promise.all(backends.map((backend) => backend.close()));
  }

  #make(entry: BackendEntry): Backend {
    const { clock, random, transport, batchTimeoutMs, verify, emit } = this.#parts;
    const backend = new Backend(entry, {
      clock,
      transport: transport(new URL(entry.url).origin),
      protocol: protocolFor(entry.protocol),
      batchTimeoutMs,
      verify,
      random,
      others: () => this.#othersOf(backend),
      examine: (unknown) => this.#guard.examine(unknown),
      onRoom: () => this.#parts.onChange(),
      onChange: (changed, reason) => {
        emit({ kind: 'backend-changed', backendId: changed.id, state: changed.state, reason });
        if (changed.state === 'half-open') void changed.probe();
        this.#parts.onChange();
      },
    });
    if (this.#drainedByOperator.has(entry.id)) this.drain(backend);
    emit({
      kind: 'backend-changed',
      backendId: backend.id,
      state: backend.state,
      reason: backend.standing.reason,
    });
    return backend;
  }

  #othersOf(backend: Backend): ReturnType<BreakerParts['others']> {
    const others = this.#listed.filter(
      (other) => other !== backend && other.entry.model === backend.entry.model && other.state === 'serving',
    );
    const failures = others.reduce((sum, { standing }) => sum + standing.failureShare, 0);
    return { othersServing: others.length, othersFailureShare: failures / Math.max(1, others.length) };
  }

  /** Probes a backend as long as it lives: a new one until it was let in, then when there is doubt, and now and then in any case. */
  async #attend(backend: Backend): Promise<void> {
    await this.#prove(backend);
    const { clock, random } = this.#parts;
    const jittered = (ms: number) => ms * (0.75 + 0.5 * random());
    let examinedMs = clock.nowMs();
    let probeMs = clock.nowMs() + jittered(PROBE_MS);
    while (!backend.signal.aborted) {
      // Not all in the same instant: they may have fallen together.
      await clock.sleep(jittered(ATTEND_MS), backend.signal);
      if (backend.signal.aborted || backend.entry.state !== 'ready') continue;
      const { state } = backend;
      const alone = this.#othersOf(backend).othersServing === 0;
      const everyMs =
        state !== 'refused' ? EXAMINE_MS.serving : alone ? EXAMINE_MS.alone : EXAMINE_MS.refused;
      if (backend.standing.changedItself || clock.nowMs() >= examinedMs + jittered(everyMs)) {
        await this.#guard.examine(backend);
        examinedMs = clock.nowMs();
        continue;
      }
      const outage = state === 'ejected' && alone;
      const due = state === 'serving' && clock.nowMs() >= probeMs;
      if (!outage && !due && !backend.inDoubt) continue;
      await backend.probe();
      probeMs = clock.nowMs() + jittered(PROBE_MS);
    }
  }

  async #prove(backend: Backend): Promise<void> {
    let delayMs = PROBE_DELAYS_MS.first;
    while (!backend.signal.aborted && !backend.standing.proven && backend.state !== 'refused') {
      const listedReady = backend.entry.state === 'ready' && backend.state !== 'draining';
      if (listedReady && (await backend.probe())) return;
      await this.#parts.clock.sleep(delayMs, backend.signal);
      // Waiting for its source to call it ready says nothing against it: requests may be held for it.
      if (listedReady) delayMs = Math.min(PROBE_DELAYS_MS.longest, 2 * delayMs);
    }
  }

  /** Lets it finish what it has, then closes it. */
  async #retire(backend: Backend): Promise<void> {
    this.#leaving = [...this.#leaving, backend];
    backend.standing.setDraining(true, 'it left the list of its source');
    while (backend.openChunks > 0 && !backend.signal.aborted) {
      await this.#parts.clock.sleep(RETIRE_POLL_MS, backend.signal);
    }
    this.#leaving = this.#leaving.filter((other) => other !== backend);
    // One of the same id may have taken its place.
    if (!this.find(backend.id)) this.#guard.left(backend);
    this.#parts.onChange();
    await backend.close();
  }
}

function sameServer(a: BackendEntry, b: BackendEntry): boolean {
  return a.url === b.url && a.model === b.model && a.protocol === b.protocol;
}
