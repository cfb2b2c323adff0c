import type { BackendProcess } from './backend-process.ts';
import { begin, end, type Mischief, nameOf, someMischief } from './mischief.ts';

/** A backend that was not well for a while. */
export interface Spell {
  readonly backend: number;
  readonly name: string;
  readonly fromMs: number;
  /** Infinity while it lasts. */
  toMs: number;
}

/** How many backends are unwell at a time, but for blackouts. */
const MOST_UNWELL = 2;
const BLACKOUT_SHARE = 0.04;

/** Does mischief to backends by a seeded chance, one or two at a time, now and then to all for up to 3 s. */
export class MischiefMaker {
  readonly #backends: readonly BackendProcess[];
  readonly #random: () => number;
  readonly #spells: Spell[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #unwell = new Set<number>();

  constructor(backends: readonly BackendProcess[], random: () => number) {
    this.#backends = backends;
    this.#random = random;
  }

  get spells(): readonly Spell[] {
    return this.#spells;
  }

  /** What goes on now, for people. */
  get now(): string {
    const lasting = this.#spells.filter(({ toMs }) => toMs === Number.POSITIVE_INFINITY);
    return lasting.map(({ backend, name }) => `${backend}: ${name}`).join(', ') || 'all well';
  }

  /** Goes on until the signal, then until all are well again. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(1_000 + this.#random() * 3_000);
      if (signal.aborted) break;
      if (this.#unwell.size === 0 && this.#random() < BLACKOUT_SHARE) await this.#blackout();
      else this.#strikeSome();
    }
    await Promise.all(this.#running);
  }

  #strikeSome(): void {
    const wanted = this.#random() < 0.3 ? 2 : 1;
    for (let i = 0; i < wanted && this.#unwell.size < MOST_UNWELL; i += 1) {
      const well = this.#backends.map((_, index) => index).filter((index) => !this.#unwell.has(index));
      const index = well[Math.floor(this.#random() * well.length)];
      if (index !== undefined) this.#start(index, someMischief(this.#random), 1_000 + this.#random() * 7_000);
    }
  }

  /** All at once, but never for more than 3 s. */
  async #blackout(): Promise<void> {
    const forMs = 500 + this.#random() * 2_000;
    for (const index of this.#backends.keys()) {
      const stopped = this.#random() < 0.5;
      this.#start(index, stopped ? { kind: 'stopped' } : { kind: 'fault', fault: { kind: 'reset' } }, forMs);
    }
    await Promise.all(this.#running);
  }

  #start(index: number, mischief: Mischief, forMs: number): void {
    const backend = this.#backends[index] as BackendProcess; // the index is that of one of them
    const spell: Spell = {
      backend: index,
      name: nameOf(mischief),
      fromMs: Date.now(),
      toMs: Number.POSITIVE_INFINITY,
    };
    this.#unwell.add(index);
    this.#spells.push(spell);
    const done = (async () => {
      await begin(backend, mischief);
      await pause(forMs);
      await end(backend, mischief);
      spell.toMs = Date.now();
      this.#unwell.delete(index);
    })();
    this.#running.add(done);
    void done.finally(() => this.#running.delete(done));
  }
}

/** Whether all backends were unwell at one moment from `fromMs` to `toMs`; each counts for `afterMs` longer. */
export function allWereUnwell(
  spells: readonly Spell[],
  backends: number,
  [fromMs, toMs]: readonly [number, number],
  afterMs: number,
): boolean {
  const near = spells.filter((spell) => spell.fromMs <= toMs && spell.toMs + afterMs >= fromMs);
  const moments = near.map((spell) => Math.max(spell.fromMs, fromMs));
  return moments.some((moment) => {
    const unwell = near.filter((spell) => spell.fromMs <= moment && spell.toMs + afterMs >= moment);
    return new Set(unwell.map(({ backend }) => backend)).size === backends;
  });
}

function pause(forMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, forMs));
}
