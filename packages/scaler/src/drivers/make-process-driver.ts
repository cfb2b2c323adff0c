import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { closed, integer } from '../config/fields.ts';
import type { GroupConfig } from '../config/scaler-config.ts';
import { ScalerError } from '../errors.ts';
import type { DriverSurroundings } from './driver-surroundings.ts';
import { mapping, modelPath, urlPath } from './option-fields.ts';
import { localBackendCommand, type ProcessCommand } from './process/process-command.ts';
import { ProcessDriver } from './process-driver.ts';
import { readDriverOptions } from './read-driver-options.ts';

const commandError = 'must be a list of a program and its arguments, each a text that is not empty';
const word = z.string({ error: commandError }).min(1, { error: commandError });

const processOptions = closed({
  command: z.array(word, { error: commandError }).min(1, { error: commandError }).optional(),
  env: mapping(z.string(), z.string({ error: 'must be a text' }), 'variables to texts').default({}),
  path: modelPath,
  healthPath: urlPath().default('/ping'),
  stopTimeoutMs: integer(0, 600_000).default(5_000),
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
