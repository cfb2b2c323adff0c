import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { BackendEntry, BackendSource, Clock, SourceSnapshot } from '@forebay/pool-client';
import { z } from 'zod';
import type { Logger } from './log.ts';

export interface LocalBackendsOptions {
  /** How many processes. */
  readonly count: number;
  /** The program of one backend and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** Their environment; `HOST` and `PORT` are set here. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told the path of the model's `tokenizer.json` each time a backend comes up. */
  readonly onTokenizer?: (path: string) => void;
}

/** The model that local backends serve. */
export const LOCAL_MODEL = 'all-MiniLM-L6-v2';

/** Wait before a backend that ended is started again, in milliseconds; doubles up to the longest. */
const RESTART_DELAYS_MS = { first: 500, longest: 30_000 };

/** What a stopped backend has to finish its requests, and a little more before it is killed, in milliseconds. */
const STOP_MS = 5_000;
const KILL_MS = 6_000;

/**
 * Runs model servers as child processes on free ports of loopback and lists them as backends. One that ends is started
 * again; all are ended with the source.
 */
export class LocalBackends implements BackendSource {
  readonly name = 'local backends';
  readonly #options: LocalBackendsOptions;
  readonly #urls: (string | undefined)[];
  /** Places that were up once: one that is still starting is no problem. */
  readonly #wasUp = new Set<number>();
  #report: (snapshot: SourceSnapshot) => void = () => undefined;

  constructor(options: LocalBackendsOptions) {
    this.#options = options;
    this.#urls = new Array(options.count).fill(undefined);
  }

  async run(report: (snapshot: SourceSnapshot) => void, signal: AbortSignal): Promise<void> {
    this.#report = report;
    this.#tell();
    await Promise.all(this.#urls.map((_, place) => this.#keep(place, signal)));
  }

  async #keep(place: number, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    let delayMs = RESTART_DELAYS_MS.first;
    while (!signal.aborted) {
      const startedMs = clock.nowMs();
      const end = await this.#runOnce(place, signal);
      this.#setUrl(place, undefined);
      if (signal.aborted) return;
      if (clock.nowMs() - startedMs > RESTART_DELAYS_MS.longest) delayMs = RESTART_DELAYS_MS.first;
      log.error({ backend: place, end, restartInMs: delayMs }, 'a local backend ended');
      await clock.sleep(delayMs, signal);
      delayMs = Math.min(RESTART_DELAYS_MS.longest, 2 * delayMs);
    }
  }

  /** Runs one process to its end and says how it ended. */
  #runOnce(place: number, signal: AbortSignal): Promise<string> {
    const [program, ...args] = this.#options.command;
    const { clock, env } = this.#options;
    return new Promise((resolve) => {
      const child = spawn(program, args, {
        env: { ...env, HOST: '127.0.0.1', PORT: '0', STOP_TIMEOUT_MS: String(STOP_MS) },
        // The channel tells a backend that its gateway is gone, however it went.
        stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      });
      const lines = createInterface({ input: child.stdout as Readable }); // a pipe, as asked for above
      lines.on('line', (line) => {
        const announced = readAnnouncement(line);
        if (!announced) return;
        if (announced.tokenizer !== undefined) this.#options.onTokenizer?.(announced.tokenizer);
        this.#setUrl(place, announced.url);
      });
      const ended = new AbortController();
      const stop = () => {
        child.kill('SIGTERM');
        void clock.sleep(KILL_MS, ended.signal).then(() => {
          if (!ended.signal.aborted) child.kill('SIGKILL');
        });
      };
      const end = (how: string) => {
        ended.abort();
        signal.removeEventListener('abort', stop);
        lines.close();
        resolve(how);
      };
      signal.addEventListener('abort', stop, { once: true });
      child.once('error', (error) => end(error.message));
      child.once('exit', (code, bySignal) => end(bySignal ? `by ${bySignal}` : `with exit code ${code}`));
      if (signal.aborted) stop();
    });
  }

  #setUrl(place: number, url: string | undefined): void {
    if (this.#urls[place] === url) return;
    this.#urls[place] = url;
    this.#wasUp.add(place);
    this.#tell();
  }

  #tell(): void {
    const entries = this.#urls.flatMap((url, place) => (url === undefined ? [] : [entryOf(place, url)]));
    const lost = this.#urls.filter((url, place) => url === undefined && this.#wasUp.has(place)).length;
    this.#report({
      kind: 'listed',
      entries,
      complete: true,
      ...(lost > 0 ? { problem: `${lost} of ${this.#urls.length} local backends are down` } : {}),
    });
  }
}

const announcement = z.object({ url: z.url(), tokenizer: z.string().optional() });

/** The line that a backend prints when it is up; undefined for any other. */
function readAnnouncement(line: string): z.infer<typeof announcement> | undefined {
  try {
    return announcement.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined; // something else that a program prints
  }
}

function entryOf(place: number, url: string): BackendEntry {
  return {
    id: `local-${place + 1}`,
    url,
    model: LOCAL_MODEL,
    class: 'cpu',
    protocol: 'djl',
    maxBatch: 32,
    concurrency: 1,
    state: 'ready',
  };
}
