import { systemClock } from './clock.ts';
import { type Core, createCore } from './core.ts';
import type { Counters } from './counters.ts';
import type { Fault } from './fault.ts';
import { Listener } from './listener.ts';
import { type ResolvedOptions, resolveOptions, type SimulatedBackendOptions } from './options.ts';
import { parseFaults } from './parse-fault.ts';
import { requestListener } from './request-listener.ts';
import { simulationControl } from './simulation-control.ts';

/** A model server that computes nothing, takes the time it was told to, and misbehaves on order. */
export interface SimulatedBackend {
  readonly port: number;
  /** `http://host:port`, for OpenAI and TEI clients. */
  readonly url: string;
  /** `http://host:port/predictions/{model}` of the first model, for DJL clients. */
  readonly djlUrl: string;
  /** A copy of the counters. */
  readonly counters: Counters;
  resetCounters(): void;
  /** Replaces all faults by this one or these; requests are counted from here. Throws a `TypeError` on a fault that makes no sense. */
  setFault(fault: Fault | readonly Fault[]): void;
  /** Takes all faults away; what hangs goes on hanging, and a closed port opens. */
  clearFaults(): void;
  /** Dies: closes the port, resets all connections and forgets all jobs. */
  kill(): Promise<void>;
  /** Comes back on the same port, through its slow start if such a fault is set. */
  revive(): Promise<void>;
  /** Ends for good. Resolves when the last connection is gone. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a simulated backend. Rejects when an option is out of range or the port is taken.
 *
 * @example
 * await using backend = await startSimulatedBackend({ aMs: 6, bMs: 0.22 });
 * backend.setFault({ kind: 'error', error: 'engine-failure', count: 3 });
 */
export async function startSimulatedBackend(
  options: SimulatedBackendOptions = {},
): Promise<SimulatedBackend> {
  const backend = new Backend(resolveOptions(options));
  await backend.start();
  return backend;
}

class Backend implements SimulatedBackend {
  readonly #core: Core;
  readonly #listener: Listener;
  #port: number;
  #alive = true;
  /** Openings and closings of the port, one after the other. */
  #changes: Promise<void> = Promise.resolve();
  /** Aborted when something later decides about the port. */
  #slowStart = new AbortController();

  constructor(options: ResolvedOptions) {
    this.#core = createCore(options, systemClock);
    this.#listener = new Listener(requestListener(this.#core, simulationControl(this)), this.#core.counters);
    this.#port = options.port;
  }

  /** Opens even where the slow start refuses connections, to learn the port. */
  async start(): Promise<void> {
    this.#port = await this.#listener.open(this.#core.options.host, this.#port);
    this.#core.faults.set(parseFaults(this.#core.options.faults));
    await this.#changePort();
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://${this.#core.options.host}:${this.#port}`;
  }

  get djlUrl(): string {
    return `${this.url}/predictions/${encodeURIComponent(this.#core.options.models[0] ?? '')}`;
  }

  get counters(): Counters {
    const queues = [...this.#core.models.values()].map(({ queue }) => queue);
    return this.#core.counters.read(queues.reduce((sum, { textsUnderWay }) => sum + textsUnderWay, 0));
  }

  resetCounters(): void {
    this.#core.counters.reset();
  }

  setFault(fault: Fault | readonly Fault[]): void {
    this.#core.faults.set(parseFaults(fault));
    void this.#changePort();
  }

  clearFaults(): void {
    this.setFault([]);
  }

  kill(): Promise<void> {
    this.#alive = false;
    return this.#changePort();
  }

  revive(): Promise<void> {
    this.#alive = true;
    this.#core.faults.restart();
    return this.#changePort();
  }

  close(): Promise<void> {
    return this.kill();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Opens or closes the port as it should be now, and once more when a slow start that refuses connections is over. */
  #changePort(): Promise<void> {
    this.#slowStart.abort();
    this.#slowStart = new AbortController();
    const { signal } = this.#slowStart;
    const leftMs = this.#alive ? this.#refusesForMs : 0;
    if (leftMs > 0) {
      void systemClock.sleep(leftMs, signal).then(() => (signal.aborted ? undefined : this.#changePort()));
    }
    this.#changes = this.#changes.then(() => this.#openOrClose());
    return this.#changes;
  }

  async #openOrClose(): Promise<void> {
    if (this.#alive && this.#refusesForMs <= 0) {
      if (!this.#listener.isOpen) await this.#listener.open(this.#core.options.host, this.#port);
    } else {
      for (const { queue } of this.#core.models.values()) queue.clear();
      await this.#listener.kill();
    }
  }

  get #refusesForMs(): number {
    const start = this.#core.faults.slowStart;
    return start?.answer === 'refused' ? start.leftMs : 0;
  }
}
