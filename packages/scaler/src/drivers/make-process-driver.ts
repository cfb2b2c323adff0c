import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { GroupConfig } from '../config/scaler-config.ts';
import { ScalerError } from '../errors.ts';
import type { DriverSurroundings } from './driver-surroundings.ts';
import { localBackendCommand, type ProcessCommand } from './process/process-command.ts';
import { ProcessDriver } from './process-driver.ts';
import { readDriverOptions } from './read-driver-options.ts';

const processOptions = z.strictObject({
  command: z.array(z.string().min(1)).min(1).optional(),
  env: z.record(z.string(), z.string()).default({}),
  path: z.string().startsWith('/').default('/predictions/all-MiniLM-L6-v2'),
  healthPath: z.string().startsWith('/').default('/ping'),
  stopTimeoutMs: z.int().min(0).max(600_000).default(5_000),
});

/** Replicas as processes of this machine: the group's command, or the local backend with the real model. */
export function makeProcessDriver(group: GroupConfig, around: DriverSurroundings): ProcessDriver {
  return new ProcessDriver({ ...around, command: processCommand(group, around.env) });
}

function processCommand(group: GroupConfig, env: DriverSurroundings['env']): ProcessCommand {
  const { command, ...options } = readDriverOptions(processOptions, group);
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
