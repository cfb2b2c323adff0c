import type { CannedGateway } from '../../src/signals/exposition.test-support.ts';
import { exchange } from '../../test/exchange.ts';

/** One job on one host. */
interface Job {
  readonly host: string;
  readonly endsAtSecond: number;
}

/**
 * Who hands jobs out, in the place of a gateway: reads the scaler's list of backends as gateways do, gives each job to a ready host by chance, and has its jobs on `/metrics`.
 * Hosts of a rig have no sockets to send a job to.
 */
export class JobGateway {
  readonly #perHost: number;
  readonly #random: () => number;
  #jobs: readonly Job[] = [];
  #waiting: readonly number[] = [];
  #listed: ReadonlyMap<string, string> = new Map();
  /** All that were begun. */
  begun = 0;
  /** All that came to their end. */
  finished = 0;

  constructor(perHost: number, random: () => number) {
    this.#perHost = perHost;
    this.#random = random;
  }

  /** How it is with each host, by the list's last reading. */
  get listed(): ReadonlyMap<string, string> {
    return this.#listed;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  on(host: string): number {
    return this.#jobs.filter((job) => job.host === host).length;
  }

  /** One second: reads the list at `url`, ends jobs, hands out those that came, each with how many seconds it takes. */
  async pass(second: number, url: string, came: readonly number[]): Promise<void> {
    const { backends } = (await exchange(`${url}/v1/backends`)).json() as {
      readonly backends: readonly { readonly id: string; readonly state: string }[];
    }; // as docs/scaler-api.md has it
    this.#listed = new Map(backends.map(({ id, state }) => [id, state]));
    const going = this.#jobs.filter(({ endsAtSecond }) => endsAtSecond > second);
    this.finished += this.#jobs.length - going.length;
    this.#jobs = going;
    const left: number[] = [];
    for (const seconds of [...this.#waiting, ...came]) if (!this.#begin(second, seconds)) left.push(seconds);
    this.#waiting = left;
  }

  /** A job that never ends. */
  stick(host: string): void {
    this.#jobs = [...this.#jobs, { host, endsAtSecond: Number.POSITIVE_INFINITY }];
  }

  /** Its host is gone: answers how many jobs went with it. */
  lose(host: string): number {
    const lost = this.on(host);
    this.#jobs = this.#jobs.filter((job) => job.host !== host);
    return lost;
  }

  says(): CannedGateway {
    const backends = Object.fromEntries(
      [...this.#listed.keys()].map((id) => [id, { inFlight: this.on(id) }]),
    );
    return { held: this.waiting, backends };
  }

  #begin(second: number, seconds: number): boolean {
    const open = [...this.#listed].flatMap(([id, state]) =>
      state === 'ready' && this.on(id) < this.#perHost ? [id] : [],
    );
    const host = open[Math.floor(this.#random() * open.length)];
    if (host === undefined) return false;
    this.#jobs = [...this.#jobs, { host, endsAtSecond: second + seconds }];
    this.begun += 1;
    return true;
  }
}
