import { setTimeout as sleepFor } from 'node:timers/promises';
import type { Program } from './program.ts';

/** What a scaler's log says of its changes, told as they come. */
export interface ScalingsWatch {
  /** Each change, as logged. */
  readonly lines: readonly string[];
  end(): Promise<void>;
}

/** Looks until it is ended. */
export function watchScalings(scaler: Program, tell: (text: string) => void): ScalingsWatch {
  const lines: string[] = [];
  let ended = false;
  const look = () => {
    const all = scaler
      .text()
      .split('\n')
      .flatMap((line) => /"msg":"(Scaling from [^"]+)"/.exec(line)?.[1] ?? []);
    for (const line of all.slice(lines.length)) {
      lines.push(line);
      tell(`scaler: ${line}`);
    }
  };
  const looking = (async () => {
    while (!ended) {
      look();
      await sleepFor(200);
    }
    look();
  })();
  return {
    lines,
    async end() {
      ended = true;
      await looking;
    },
  };
}
