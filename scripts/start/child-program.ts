import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Environment } from './scaled-environments.ts';

/** A program and its arguments. */
export type Command = readonly [string, ...string[]];

/** How a program ended; `code` is what a shell would say. */
export interface End {
  readonly code: number;
  /** E.g. `with exit code 1`. */
  readonly how: string;
}

export interface ChildProgram {
  readonly ended: Promise<End>;
  /** The first group of the first match in what it prints; never resolves when there is none. */
  printed(pattern: RegExp): Promise<string>;
  send(signal: NodeJS.Signals): void;
}

/** Longest text that a pattern is looked for in. */
const MAX_SEARCHED = 64 * 1024;

/**
 * Starts a program whose output goes to `out` as it is. It gets no signal of the terminal, which would reach it besides ours and count as a
 * second one, and a channel that tells it when we are gone, however we went.
 */
export function startProgram(
  [program, ...args]: Command,
  env: Environment,
  out: (text: string) => void,
): ChildProgram {
  const child = spawn(program, args, { env, detached: true, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const searches = new Set<(text: string) => void>();
  let text = '';
  const stdout = child.stdout as Readable; // a pipe, as asked for above
  stdout.setEncoding('utf8').on('data', (part: string) => {
    out(part);
    if (text.length < MAX_SEARCHED) text += part;
    for (const search of searches) search(text);
  });
  return {
    ended: new Promise((resolve) => {
      child.once('error', (error) => resolve({ code: 1, how: `: ${error.message}` }));
      child.once('close', (code, signal) =>
        resolve({ code: code ?? 1, how: signal ? `by ${signal}` : `with exit code ${code}` }),
      );
    }),
    printed: (pattern) =>
      new Promise((resolve) => {
        const search = (printed: string) => {
          const found = pattern.exec(printed)?.[1];
          if (found === undefined) return;
          searches.delete(search);
          resolve(found);
        };
        searches.add(search);
        search(text);
      }),
    send: (signal) => void child.kill(signal),
  };
}
