import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Counters, Fault } from '@forebay/testing';
import { exchange, postJson } from '../../test/exchange.ts';

const PROGRAM = fileURLToPath(new URL('../../../testing/src/main.ts', import.meta.url));

/** What a batch costs: 4 ms and half a millisecond for each text, so one backend computes about 1,800 texts/s. */
const COST = ['--a-ms', '4', '--b-ms', '0.5'];

/** A simulated backend as a process of its own, which can die and come back on the same port. */
export class BackendProcess implements AsyncDisposable {
  readonly #child: { process: ChildProcess };
  /** As it stands in `DJL_URLS`. */
  readonly djlUrl: string;

  private constructor(child: ChildProcess, djlUrl: string) {
    this.#child = { process: child };
    this.djlUrl = djlUrl;
  }

  static async start(): Promise<BackendProcess> {
    const { child, djlUrl } = await spawnOn('0');
    return new BackendProcess(child, djlUrl);
  }

  /** `kill -9`; resolves when it is gone. */
  async kill(): Promise<void> {
    const { process: child } = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** After {@link kill}: a new process on the same port, listening when this resolves. */
  async revive(): Promise<void> {
    const { child } = await spawnOn(new URL(this.djlUrl).port);
    this.#child.process = child;
  }

  /** Stops the whole process as a frozen machine would: connections stay open, nothing is answered. */
  freeze(): void {
    this.#child.process.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child.process.kill('SIGCONT');
  }

  async setFaults(faults: readonly Fault[]): Promise<void> {
    const { status, text } = await postJson(this.#control('fault'), faults);
    if (status !== 200) throw new Error(`no such fault: ${text}`);
  }

  async clearFaults(): Promise<void> {
    await exchange(this.#control('fault'), { method: 'DELETE' });
  }

  async resetCounters(): Promise<void> {
    await exchange(this.#control('counters'), { method: 'DELETE' });
  }

  async counters(): Promise<Counters> {
    return JSON.parse((await exchange(this.#control('counters'))).text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  #control(what: string): string {
    return new URL(`/_sim/${what}`, this.djlUrl).href;
  }
}

/** This many of them. */
export function startBackends(count: number): Promise<BackendProcess[]> {
  return Promise.all(Array.from({ length: count }, () => BackendProcess.start()));
}

async function spawnOn(port: string): Promise<{ child: ChildProcess; djlUrl: string }> {
  const child = spawn(process.execPath, [PROGRAM, ...COST, '--port', port], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`a simulated backend ended with ${code}`);
    }),
  ]);
  return { child, djlUrl: String(line).trim() };
}
