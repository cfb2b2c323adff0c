import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../src/clock.ts';
import { fromVariables } from '../src/drivers/process/replica-markers.ts';
import { systemProcessTable } from '../src/drivers/process/system-process-table.ts';
import { exchange } from './exchange.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const TINY_SERVER = fileURLToPath(new URL('programs/tiny-server.mjs', import.meta.url));

/** A scaler as a program of its own. */
export interface SpawnedScaler {
  readonly url: string;
  readonly pid: number;
  /** Everything that it printed. */
  said(): string;
  signal(name: NodeJS.Signals): void;
  /** Its exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** The answer to a request, parsed. */
  ask(method: string, path: string, body?: unknown): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  // Whatever the API says; tests look at single fields.
  readonly body: Record<string, unknown>;
}

/** A folder with a configuration and a state file, for scalers that share them. */
export class ScalerSite implements AsyncDisposable {
  readonly dir: string;
  readonly state: string;
  readonly #scalers: Pick<SpawnedScaler, 'signal' | 'ended'>[] = [];

  private constructor(dir: string) {
    this.dir = dir;
    this.state = join(dir, 'state.db');
  }

  static async open(
    group: Readonly<Record<string, unknown>> = {},
    env: Readonly<Record<string, string>> = {},
  ) {
    const site = new ScalerSite(await mkdtemp(join(tmpdir(), 'forebay-site-')));
    await site.configure(group, env);
    return site;
  }

  /** Writes the configuration: the tiny server as command, ticks of a second, gateways that don't answer. */
  async configure(group: Readonly<Record<string, unknown>>, env: Readonly<Record<string, string>> = {}) {
    const config = {
      port: 0,
      gatewayUrl: 'http://127.0.0.1:9',
      state: this.state,
      groups: [
        { name: 'default', min: 1, initial: 2, max: 6, intervalSeconds: 1, drainSeconds: 1, ...group },
      ],
      drivers: {
        process: {
          command: [process.execPath, TINY_SERVER, '{id}'],
          env: { LEDGER: join(this.dir, 'ledger'), ...env },
          stopTimeoutMs: 1_000,
        },
      },
    };
    await writeFile(join(this.dir, 'scaler.yaml'), JSON.stringify(config));
  }

  /** Resolves with a scaler that listens; rejects with what it said when it ends before. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<SpawnedScaler> {
    const scaler = this.spawn(env);
    const url = await Promise.race([scaler.listens, scaler.ended]);
    if (typeof url !== 'string') throw new Error(`the scaler ended with ${url}: ${scaler.said()}`);
    return { ...scaler, url, ask: askOf(url) };
  }

  spawn(env: Readonly<Record<string, string>> = {}) {
    const child = spawn(process.execPath, [MAIN, '--config', join(this.dir, 'scaler.yaml')], {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    const listens = new Promise<string>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (part: Buffer) => {
          text += part;
          const url = /listens on (http:\/\/\S+)/.exec(text)?.[1];
          if (url) resolve(url);
        });
      }
    });
    const scaler = {
      pid: child.pid ?? 0,
      listens,
      said: () => text,
      signal: (name: NodeJS.Signals) => void child.kill(name),
      ended: once(child, 'close').then(([code]) => code as number | null), // as node says it
    };
    this.#scalers.push(scaler);
    return scaler;
  }

  /** Ids in the order of their launches. */
  launched(): readonly string[] {
    return this.ledger().map(({ id }) => id);
  }

  ledger(): readonly { readonly id: string; readonly pid: number }[] {
    let text = '';
    try {
      text = readFileSync(join(this.dir, 'ledger'), 'utf8');
    } catch {
      return []; // nothing was launched yet
    }
    return text
      .trimEnd()
      .split('\n')
      .map((line) => ({ id: line.split(' ')[0] ?? '', pid: Number(line.split(' ')[1]) }));
  }

  /** Ids of the replicas whose processes live. */
  async alive(): Promise<readonly string[]> {
    const entries = await systemProcessTable(systemClock).read(AbortSignal.timeout(10_000));
    return entries
      .flatMap(({ variables }) => {
        const markers = fromVariables(variables);
        return markers?.pool === this.state ? [markers.id] : [];
      })
      .toSorted();
  }

  async [Symbol.asyncDispose]() {
    for (const scaler of this.#scalers) scaler.signal('SIGKILL');
    await Promise.all(this.#scalers.map(({ ended }) => ended));
    for (const { pid } of this.ledger()) {
      const entry = await systemProcessTable(systemClock).find(pid);
      if (entry && fromVariables(entry.variables)?.pool.startsWith(this.dir)) process.kill(pid, 'SIGKILL');
    }
    await rm(this.dir, { recursive: true });
  }
}

function askOf(url: string) {
  return async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const { status, json } = await exchange(`${url}${path}`, { method, body });
    return { status, body: json() as Record<string, unknown> };
  };
}

/** Looks until it is so; 40 s, since the lease of a scaler that says nothing any more takes 20 s to end. */
export async function eventually<T>(look: () => T | Promise<T>, done: (seen: T) => boolean): Promise<T> {
  const untilMs = systemClock.nowMs() + 40_000;
  for (;;) {
    const seen = await look();
    if (done(seen)) return seen;
    if (systemClock.nowMs() > untilMs) throw new Error(`not so for 40 s; last seen: ${JSON.stringify(seen)}`);
    await systemClock.sleep(50);
  }
}
