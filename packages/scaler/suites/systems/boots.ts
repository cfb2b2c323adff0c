import type { Ping } from '../../src/drivers/process/ping.ts';

/** Instances of a platform whose machines are not real: each answers so long after it was asked for the first time. */
export class Boots {
  readonly #bootMs: number;
  #nowMs = 0;
  #silencesNext = false;
  readonly #askedAtMs = new Map<string, number>();
  readonly #silent = new Set<string>();

  constructor(bootSeconds: number) {
    this.#bootMs = bootSeconds * 1_000;
  }

  setTime(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  /** The next one that is asked for the first time will never answer. */
  silenceNext(): void {
    this.#silencesNext = true;
  }

  readonly ping: Ping = async (url) => {
    const host = hostOf(url);
    if (!this.#askedAtMs.has(host)) {
      if (this.#silencesNext) this.#silent.add(host);
      this.#silencesNext = false;
      this.#askedAtMs.set(host, this.#nowMs);
    }
    return this.isUp(url);
  };

  /** Any URL on the instance will do. */
  isUp(url: string): boolean {
    const atMs = this.#askedAtMs.get(hostOf(url));
    return atMs !== undefined && this.#nowMs - atMs >= this.#bootMs && !this.#silent.has(hostOf(url));
  }
}

function hostOf(url: string): string {
  return new URL(url).host;
}
