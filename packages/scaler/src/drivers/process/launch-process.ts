import { spawn } from 'node:child_process';
import { childEnvironment, type Environment } from './child-environment.ts';
import { fillIn, type ProcessCommand } from './process-command.ts';
import type { ReplicaLogs } from './replica-logs.ts';
import { type ReplicaMarkers, toVariables } from './replica-markers.ts';

export interface Launch {
  readonly command: ProcessCommand;
  readonly markers: ReplicaMarkers;
  readonly port: number;
  /** The scaler's own environment. */
  readonly inherited: Environment;
  readonly logs: ReplicaLogs;
  /** Nothing is launched once it is aborted. */
  readonly signal: AbortSignal;
  /** Told how the process ended, when it ends while the scaler lives. */
  readonly onExit: (how: string) => void;
}

/**
 * Launches a replica that lives on when the scaler is gone: in a session of its own, so that no terminal's signal reaches it, and with no
 * pipe or channel to a parent. Resolves with its pid when the program runs; rejects with what the system said otherwise.
 */
export async function launchProcess(launch: Launch): Promise<number> {
  const { command, markers, port, logs } = launch;
  const words = { port, id: markers.id };
  const own = Object.entries(command.env).map(([name, value]) => [name, fillIn(value, words)]);
  const log = await logs.begin(markers.id);
  try {
    // Here and not before: a scaler that stood still for longer than its lease learns it only after it has waited for something again.
    launch.signal.throwIfAborted();
    const child = spawn(
      command.program,
      command.args.map((arg) => fillIn(arg, words)),
      {
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
        env: childEnvironment(launch.inherited, [
          Object.fromEntries(own),
          { HOST: '127.0.0.1', PORT: String(port) },
          toVariables(markers),
        ]),
      },
    );
    child.unref();
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('spawn', () => resolve(child.pid ?? 0)); // it has one from here on
      child.once('exit', (code, signal) => launch.onExit(signal ? `by ${signal}` : `with exit code ${code}`));
    });
  } finally {
    await log.close();
  }
}
