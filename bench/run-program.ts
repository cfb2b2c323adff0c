import { mkdirSync, writeFileSync } from 'node:fs';
import { ChildProcesses } from './child-processes.ts';

/** What a benchmark needs besides what it measures. */
export interface Surroundings {
  readonly processes: ChildProcesses;
  /** Tells the one who waits, on stderr. */
  readonly say: (line: string) => void;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
}

/** Runs a benchmark as this process's only work: whatever ends it, every process that it started ends with it. */
export async function runProgram(
  name: string,
  body: (surroundings: Surroundings) => Promise<void>,
): Promise<void> {
  const processes = new ChildProcesses();
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stop.abort(new Error('stopped'));
      void processes.endAll().then(() => process.exit(signal === 'SIGINT' ? 130 : 143));
    });
  }
  const say = (line: string) => process.stderr.write(`${line}\n`);
  try {
    await body({ processes, say, signal: stop.signal });
  } catch (error) {
    if (!stop.signal.aborted) {
      say(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = 1;
    }
  } finally {
    await processes.endAll();
  }
}

/** Writes a file into `bench/results/` and says where it is. */
export function writeResult(file: string, text: string, say: (line: string) => void): void {
  const folder = new URL('./results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const place = new URL(file, folder);
  writeFileSync(place, text);
  say(`written to ${place.pathname}`);
}
