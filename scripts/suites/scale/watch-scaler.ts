import { setTimeout as sleepFor } from 'node:timers/promises';

/** The scaler's counts at one moment. */
export interface Counts {
  readonly atMs: number;
  readonly desired: number;
  readonly ready: number;
  readonly current: number;
  readonly draining: number;
}

/** What `/scaling/status` said, over and over. */
export interface ScalerWatch {
  readonly seen: readonly Counts[];
  /** Resolves with the first counts from now on that are as asked for; rejects after `limitMs`. */
  until(matches: (counts: Counts) => boolean, limitMs: number): Promise<Counts>;
  close(): Promise<void>;
}

const LOOK_MS = 200;

/** Looks until it is closed. */
export function watchScaler(scalerUrl: string): ScalerWatch {
  const seen: Counts[] = [];
  const closing = new AbortController();
  const looking = (async () => {
    while (!closing.signal.aborted) {
      seen.push(await look(scalerUrl));
      await sleepFor(LOOK_MS);
    }
  })();
  looking.catch(() => undefined); // `close` tells
  return {
    seen,
    async until(matches, limitMs) {
      const from = seen.length;
      for (const untilMs = Date.now() + limitMs; Date.now() < untilMs; ) {
        const found = seen.slice(from).find(matches);
        if (found !== undefined) return found;
        await sleepFor(LOOK_MS);
      }
      throw new Error(`not within ${limitMs} ms: last seen ${JSON.stringify(seen.at(-1))}`);
    },
    async close() {
      closing.abort();
      await looking;
    },
  };
}

async function look(scalerUrl: string): Promise<Counts> {
  const response = await fetch(`${scalerUrl}/scaling/status`);
  // `as` holds: the contract has these fields, and a missing one fails every comparison.
  const status = (await response.json()) as Readonly<Record<string, number>>;
  const count = (name: string) => status[`${name}_instances`] ?? Number.NaN;
  return {
    atMs: Date.now(),
    desired: count('desired'),
    ready: count('ready'),
    current: count('current'),
    draining: count('draining'),
  };
}

/** Each value once for each stretch of it: 0, 0, 1, 1, 0 becomes 0, 1, 0. */
export function stretches(values: readonly number[]): readonly number[] {
  return values.filter((value, i) => value !== values[i - 1]);
}
