import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { GroupConfig } from '../config/scaler-config.ts';
import { ScalerError } from '../errors.ts';
import type { Driver } from './driver.ts';
import { localBackendCommand, type ProcessCommand } from './process/process-command.ts';
import { ProcessDriver, type ProcessDriverEvent } from './process-driver.ts';

export interface DriverSurroundings {
  /** Tells the replicas of this scaler from others': the same after a restart. */
  readonly pool: string;
  /** Where a driver keeps what belongs to the replicas themselves, such as their logs. */
  readonly stateDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly onEvent: (event: ProcessDriverEvent) => void;
}

/**
 * The driver of a group.
 *
 * @throws ScalerError `SCALER_CONFIG` naming the option that can't be used
 */
export function makeDriver(group: GroupConfig, around: DriverSurroundings): Driver {
  if (group.driver !== 'process') {
    const message = `group ${group.name}: there is no driver ${group.driver} in this version, only process`;
    throw new ScalerError('SCALER_CONFIG', message);
  }
  return new ProcessDriver({ ...around, command: processCommand(group, around.env) });
}

const processOptions = z.strictObject({
  command: z.array(z.string().min(1)).min(1).optional(),
  env: z.record(z.string(), z.string()).default({}),
  path: z.string().startsWith('/').default('/predictions/all-MiniLM-L6-v2'),
  healthPath: z.string().startsWith('/').default('/ping'),
  stopTimeoutMs: z.int().min(0).max(600_000).default(5_000),
});

function processCommand(group: GroupConfig, env: DriverSurroundings['env']): ProcessCommand {
  const parsed = processOptions.safeParse(group.driverOptions);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(
      ({ path, message }) => `${path.join('.') || 'driverOptions'}: ${message}`,
    );
    throw new ScalerError(
      'SCALER_CONFIG',
      `group ${group.name}, options of driver process: ${faults.join('; ')}`,
    );
  }
  const { command, ...options } = parsed.data;
  const [program, ...args] = command ?? [];
  if (program !== undefined) return { ...options, program, args };
  const local = localBackendCommand({
    node: process.execPath,
    program: localBackendProgram(),
    cpus: availableParallelism(),
    maxReplicas: group.max,
    inherited: env,
  });
  return { ...local, ...options, env: { ...local.env, ...options.env } };
}

function localBackendProgram(): string {
  try {
    return fileURLToPath(import.meta.resolve('@forebay/local-backend/main'));
  } catch (cause) {
    const message =
      'driver process has no command to launch: install @forebay/local-backend or set drivers.process.command';
    throw new ScalerError('SCALER_CONFIG', message, { cause });
  }
}
