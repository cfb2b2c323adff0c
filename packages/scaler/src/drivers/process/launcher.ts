import type { Clock } from '../../clock.ts';
import type { ObservedReplica } from '../../values/replica.ts';
import type { Environment } from './child-environment.ts';
import { launchProcess } from './launch-process.ts';
import type { ProcessCommand } from './process-command.ts';
import type { ReplicaLogs } from './replica-logs.ts';

export interface LauncherOptions {
  readonly pool: string;
  readonly command: ProcessCommand;
  readonly env: Environment;
  readonly clock: Clock;
  readonly logs: ReplicaLogs;
  readonly onLaunched: (id: string, pid: number) => void;
  readonly onExited: (id: string, how: string, lastLines: string) => void;
}

/** Launches processes and remembers how those of its own ended that never came up. */
export class Launcher {
  readonly #options: LauncherOptions;
  /** Launched here, have neither answered nor ended nor been told to end. */
  readonly #starting = new Set<string>();
  readonly #failed = new Map<string, FailedReplica>();

  constructor(options: LauncherOptions) {
    this.#options = options;
  }

  async launch(group: string, id: string, port: number, signal: AbortSignal): Promise<void> {
    const { command, pool, env, clock, logs } = this.#options;
    const origin = `http://127.0.0.1:${port}`;
    const markers = {
      pool,
      group,
      id,
      url: `${origin}${command.path}`,
      healthUrl: `${origin}${command.healthPath}`,
      launchedAtMs: clock.nowMs(),
    };
    const replica = { group, id, url: markers.url, launchedAtMs: markers.launchedAtMs };
    this.#starting.add(id);
    try {
      const onExit = (how: string) => void this.#noteExit(replica, how);
      const pid = await launchProcess({ command, markers, port, inherited: env, logs, signal, onExit });
      this.#options.onLaunched(id, pid);
    } catch (error) {
      this.#starting.delete(id);
      throw error;
    }
  }

  /** From now on its end is no failure: it has answered, or was told to end. */
  settle(id: string): void {
    this.#starting.delete(id);
  }

  forget(id: string): void {
    this.#starting.delete(id);
    this.#failed.delete(id);
  }

  /** Those of a group that ended before they came up. */
  failedOf(group: string): readonly ObservedReplica[] {
    const failed = [...this.#failed.values()].filter((replica) => replica.group === group);
    return failed.map(({ group: _, ...replica }) => replica);
  }

  hasFailed(id: string): boolean {
    return this.#failed.has(id);
  }

  async #noteExit(replica: Omit<FailedReplica, 'state'>, how: string): Promise<void> {
    const { logs, onExited } = this.#options;
    const { id } = replica;
    const failed = this.#starting.delete(id);
    if (failed) this.#failed.set(id, { ...replica, state: 'failed', note: noteOf(how, logs.pathOf(id)) });
    const lastLines = await logs.lastLines(id);
    if (this.#failed.has(id)) {
      this.#failed.set(id, { ...replica, state: 'failed', note: noteOf(how, logs.pathOf(id), lastLines) });
    }
    onExited(id, how, lastLines);
  }
}

type FailedReplica = ObservedReplica & { readonly group: string };

function noteOf(how: string, logFile: string, lastLines = ''): string {
  return `ended before it answered, ${how}${lastLines && `: ${lastLines}`} (log ${logFile})`;
}
