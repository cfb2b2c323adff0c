#!/usr/bin/env node
import { helpText, parseFlags } from './main-flags.ts';
import type { SimulatedBackendOptions } from './options.ts';
import { startSimulatedBackend } from './simulated-backend.ts';

try {
  const command = parseFlags(process.argv.slice(2));
  if (command.kind === 'help') process.stdout.write(helpText);
  else await serve(command.options);
} catch (error) {
  process.stderr.write(
    `forebay-simulated-backend: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 1;
}

async function serve(options: SimulatedBackendOptions): Promise<void> {
  const backend = await startSimulatedBackend(options);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void backend.close());
  process.stdout.write(`${backend.djlUrl}\n`);
}
