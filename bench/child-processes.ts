import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How to start one program, and how to tell that it is up. */
export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment, so that settings of the one who runs the benchmark don't leak in. */
  readonly env: NodeJS.ProcessEnv;
  /** What its output says when it is up, the first group is kept; or the port of 127.0.0.1 that it then listens on. */
  readonly ready: RegExp | number;
  /** How long that may take. */
  readonly startTimeoutMs: number;
}

/** A program that is up. */
export interface RunningProgram {
  readonly pid: number;
  /** What the first group of `ready` matched; empty without one. */
  readonly announced: string;
}

/** How long a program has from SIGTERM to SIGKILL. */
const STOP_MS = 5_000;

/** Every process that the benchmark started, and the end of each. */
export class ChildProcesses {
  readonly #children = new Set<ChildProcess>();

  /** Resolves once the program is up; rejects with what it printed when it ends before or takes too long. */
  async start(program: Program): Promise<RunningProgram> {
    const child = spawn(program.command, program.args, {
      env: program.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    const announced = await readyAnnouncement(child, program);
    const { pid } = child;
    if (pid === undefined) throw new Error(`${program.name} has no process`);
    return { pid, announced };
  }

  /** Ends those that still run and resolves when the last is gone. */
  async endAll(): Promise<void> {
    await Promise.all([...this.#children].map(end));
  }
}

function readyAnnouncement(child: ChildProcess, program: Program): Promise<string> {
  const { name, ready, startTimeoutMs } = program;
  const over = new AbortController();
  return new Promise<string>((resolve, reject) => {
    let output = '';
    const fail = (how: string) =>
      reject(new Error(`${name} ${how}${output === '' ? '' : `; it printed:\n${output}`}`));
    const read = (data: Buffer) => {
      output = (output + data.toString()).slice(-4_000);
      const match = typeof ready === 'number' ? null : ready.exec(output);
      if (match !== null) resolve(match[1] ?? '');
    };
    // Read to the end: a program blocks once nobody empties its pipe.
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', (error) => fail(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => fail(`ended with ${signal ?? `exit code ${code}`}`));
    const late = () => fail(`was not up within ${startTimeoutMs} ms`);
    sleep(startTimeoutMs, undefined, { signal: over.signal }).then(late, ignoreAbort);
    if (typeof ready === 'number') untilListening(ready, over.signal).then(() => resolve(''), ignoreAbort);
  }).finally(() => over.abort());
}

/** Resolves once somebody listens on this port of 127.0.0.1. */
async function untilListening(port: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    await sleep(20, undefined, { signal });
    const socket = connect(port, '127.0.0.1');
    const connected = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (connected) return;
  }
}

/** A wait that was called off has nothing to say. */
const ignoreAbort = () => undefined;

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const cancel = new AbortController();
  const late = sleep(STOP_MS, 'late', { signal: cancel.signal }).catch(ignoreAbort);
  if ((await Promise.race([gone, late])) === 'late') child.kill('SIGKILL');
  await gone;
  cancel.abort();
}
