import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../src/clock.ts';
import type { DriverRig } from '../src/drivers/driver-contract.test-support.ts';
import type { ProcessCommand } from '../src/drivers/process/process-command.ts';
import { systemProcessTable } from '../src/drivers/process/system-process-table.ts';
import { ProcessDriver, type ProcessDriverEvent } from '../src/drivers/process-driver.ts';

const TINY_SERVER = fileURLToPath(new URL('programs/tiny-server.mjs', import.meta.url));

export interface ProcessRig extends DriverRig {
  readonly pool: string;
  readonly stateDir: string;
  readonly command: ProcessCommand;
  readonly events: readonly ProcessDriverEvent[];
  driver(): ProcessDriver;
}

/** A pool and a state folder of its own; nothing of it is left when it is closed. */
export async function processRig(
  env: Readonly<Record<string, string>> = {},
  command: Partial<ProcessCommand> = {},
): Promise<ProcessRig> {
  const stateDir = await mkdtemp(join(tmpdir(), 'forebay-scaler-'));
  const pool = stateDir;
  const events: ProcessDriverEvent[] = [];
  const table = systemProcessTable(systemClock);
  let cut = false;
  const options = {
    pool,
    stateDir,
    clock: systemClock,
    env: { ...process.env, FOREBAY_ADMIN_KEY: 'secret', SCALER_PORT: '1', HOST: '0.0.0.0', PORT: '1' },
    command: {
      program: process.execPath,
      args: [TINY_SERVER, '{id}'],
      env,
      path: '/predictions/all-MiniLM-L6-v2',
      healthPath: '/ping',
      stopTimeoutMs: 0,
      ...command,
    },
    onEvent: (event: ProcessDriverEvent) => events.push(event),
    table: {
      ...table,
      read: (signal: AbortSignal) => (cut ? Promise.reject(new Error('no /proc')) : table.read(signal)),
    },
  };
  return {
    groups: ['cpu', 'gpu'],
    pool,
    stateDir,
    command: options.command,
    events,
    driver: () => new ProcessDriver(options),
    pass: () => systemClock.sleep(20),
    async cutOff() {
      cut = true;
    },
    async close() {
      cut = false;
      await new ProcessDriver(options).endAll(AbortSignal.abort());
      await rm(stateDir, { recursive: true });
    },
  };
}
