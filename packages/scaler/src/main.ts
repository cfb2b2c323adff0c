#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { runAgent } from './agent/command.ts';
import { metadataEndpoint, openInstanceMetadata } from './aws/instance-metadata.ts';
import { openInstanceTagsApi } from './aws/instance-tags-api.ts';
import { openSecretsApi } from './aws/secrets-api.ts';
import { systemClock } from './clock.ts';
import { describeHelp } from './config/describe.ts';
import { describeConfig } from './config/describe-config.ts';
import { loadConfig } from './config/load-config.ts';
import { readArguments } from './config/read-arguments.ts';
import { remoteConfig } from './config/remote-config.ts';
import { runSchema } from './config/run-schema.ts';
import type { ScalerConfig } from './config/scaler-config.ts';
import { makeDriver } from './drivers/make-driver.ts';
import { ScalerError } from './errors.ts';
import { runLint } from './lint/run-lint.ts';
import { LiveDrivers } from './live-drivers.ts';
import { type Logger, makeLogger } from './log.ts';
import { systemRandom } from './random.ts';
import { runSimulate } from './simulate/command.ts';
import { policyFinder } from './simulate/find-policy.ts';
import { type RunningScaler, startScaler } from './start-scaler.ts';

/** A fault that nobody caught: what a process does after it can't be trusted. */
const FAULT_EXIT_CODE = 70;

/** Longest time to fetch a configuration that is no file. */
const REMOTE_CONFIG_MS = 30_000;

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

// A reader that left is no reason to end.
process.stdout.on('error', () => undefined);

const [command, ...rest] = process.argv.slice(2);
switch (command) {
  case 'simulate':
    process.exitCode = await runSimulate(rest, {
      readText: (path) => readFile(path, 'utf8'),
      writeText: (path, text) => writeFile(path, text),
      out: print,
      err: (text) => process.stderr.write(text),
      findPolicy: policyFinder((path) => readFileSync(path, 'utf8')),
    });
    break;
  case 'lint':
    process.exitCode = runLint(rest, {
      readFile: (path) => readFileSync(path, 'utf8'),
      stdout: print,
      stderr: (text) => process.stderr.write(text),
    });
    break;
  case 'agent': {
    const stop = new AbortController();
    process.on('SIGTERM', () => stop.abort()).on('SIGINT', () => stop.abort());
    process.exitCode = await runAgent(rest, {
      env: process.env,
      readFile: (path) => readFile(path, 'utf8'),
      clock: systemClock,
      random: systemRandom,
      log: makeLogger('info'),
      out: print,
      err: (text) => process.stderr.write(text),
      stop: stop.signal,
    });
    break;
  }
  case 'schema':
    process.exitCode = runSchema({ stdout: print });
    break;
  default:
    await run(command === 'run' ? rest : process.argv.slice(2));
}

async function run(argv: readonly string[]): Promise<void> {
  const args = readArguments(argv);
  if (args.kind === 'broken') fail(args.problem, 2);
  if (args.help) return print(describeHelp(version));
  if (args.version) return print(`${version}\n`);
  const remote = await configElsewhere(args.configFile);
  const loaded = loadConfig({
    env: process.env,
    argv,
    readFile: (path) => remote ?? readFileSync(path, 'utf8'),
    platform: process.platform,
  });
  if (loaded.kind === 'config-error') fail(loaded.message, 1);
  const { config } = loaded;
  if (args.checkConfig) {
    checkDrivers(config);
    return print(describeConfig(loaded));
  }
  const log = makeLogger(config.logLevel === 'trace' ? 'debug' : config.logLevel);
  process.on('uncaughtException', (err) => {
    log.fatal({ err }, 'an uncaught fault: ending at once');
    process.exit(FAULT_EXIT_CODE);
  });
  for (const warning of loaded.warnings) log.warn(warning);
  const scaler = await start(config, log);
  stopOnSignals(scaler, log);
  print(greeting(scaler, config));
}

/** The text of a configuration that is no file. */
async function configElsewhere(name: string | undefined): Promise<string | undefined> {
  try {
    return await remoteConfig(name, {
      env: process.env,
      metadata: openInstanceMetadata({ endpoint: metadataEndpoint(process.env), clock: systemClock }),
      openSecrets: openSecretsApi,
      openTags: openInstanceTagsApi,
      signal: AbortSignal.timeout(REMOTE_CONFIG_MS),
    });
  } catch (error) {
    if (error instanceof ScalerError) fail(error.message, 1);
    throw error;
  }
}

/** What a driver would refuse at the start. */
function checkDrivers({ groups }: ScalerConfig): void {
  const around = { pool: '', stateDir: '', env: process.env, clock: systemClock, onEvent: () => undefined };
  try {
    const drivers = new LiveDrivers(
      (group) => makeDriver(group, around),
      () => undefined,
    );
    // Also that no two of them scale the same.
    for (const group of groups) drivers.of(group);
  } catch (error) {
    if (error instanceof ScalerError) fail(error.message, 1);
    throw error;
  }
}

async function start(config: ScalerConfig, log: Logger): Promise<RunningScaler> {
  try {
    return await startScaler({ config, log, clock: systemClock, random: systemRandom, env: process.env });
  } catch (error) {
    if (error instanceof ScalerError) fail(error.message, 1);
    const { code } = error as NodeJS.ErrnoException;
    if (code !== undefined && /^(EADDRINUSE|EACCES|EADDRNOTAVAIL|ENOTFOUND|EAI_AGAIN)$/.test(code)) {
      fail(
        `cannot listen on ${config.host}:${config.port} (${code}): set SCALER_HOST and SCALER_PORT to a free address`,
        1,
      );
    }
    throw error;
  }
}

/** What a person at the terminal wants to know: where things are, and what will happen. */
function greeting({ url }: RunningScaler, { groups, gatewayUrl, dryRun, state }: ScalerConfig): string {
  const counts = groups.map(({ name, min, max, driver }) => `${name}: ${min} to ${max} by ${driver}`);
  return `forebay-scaler ${version} listens on ${url}
  ${dryRun ? 'dry run: decides and explains, never acts' : `scales ${counts.join(', ')}`}
  reads    ${gatewayUrl.join(', ') || 'no gateway'}
  state    ${state}
  status   ${url}/scaling/status
  why      ${url}/scaling/decision
  backends ${url}/v1/backends (for a gateway's BACKENDS_URL)
`;
}

/** The first signal, or the end of the program that started us, ends in order; a second one ends at once. */
function stopOnSignals(scaler: RunningScaler, log: Logger): void {
  let stopping = false;
  const stop = async (cause: string) => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ cause }, 'stopping');
    await scaler.stop();
    process.exit(0);
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
  process.once('disconnect', () => void stop('the program that started this one is gone'));
}

function print(text: string): void {
  process.stdout.write(text);
}

function fail(message: string, exitCode: number): never {
  process.stderr.write(`${message}\n`);
  process.exit(exitCode);
}
