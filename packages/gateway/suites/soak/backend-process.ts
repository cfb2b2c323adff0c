import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Fault } from '@forebay/testing';
import { exchange } from '../../test/exchange.ts';

const PROGRAM = fileURLToPath(new URL('../../../testing/src/main.ts', import.meta.url));

/** Texts with this are refused by all backends at all times. */
export const POISON = '(a poisoned text)';
const POISON_FAULT: Fault = { kind: 'poison', marker: POISON };

/** A simulated backend in a process of its own, that can die and come back on its port. */
export class BackendProcess {
  readonly #seed: number;
  #child: ChildProcess | undefined;
  #port = 0;
  djlUrl = '';

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Resolves when it listens. */
  async start(): Promise<void> {
    const flags = { port: this.#port, seed: this.#seed, 'a-ms': 4, 'b-ms': 0.3, jitter: 0.2, workers: 2 };
    const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const child = spawn(process.execPath, [PROGRAM, ...args, '--fault', JSON.stringify(POISON_FAULT)], {
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    const [announced]: string[] = await once(child.stdout, 'data');
    this.djlUrl = String(announced).trim();
    this.#port = Number(new URL(this.djlUrl).port);
  }

  async setFault(fault: Fault | undefined): Promise<void> {
    const body = JSON.stringify(fault ? [POISON_FAULT, fault] : [POISON_FAULT]);
    const url = new URL('/_sim/fault', this.djlUrl).href;
    for (let tries = 1; ; tries += 1) {
      try {
        const { status, text } = await exchange(url, { body });
        if (status !== 200) throw new Error(`the fault was refused: ${text}`);
        return;
      } catch (error) {
        // A slow start that refuses connections closes the controls as well.
        if (tries === 100) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  /** Stops its process where it stands, or lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal);
  }

  /** Kills it at once; it may be started again. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}
