#!/usr/bin/env node
import { readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { BackendSource } from '@forebay/pool-client';
import { PoolError, systemClock } from '@forebay/pool-client';
import { LiveKeys } from './admission/live-keys.ts';
import { describeConfig, describeHelp } from './config/describe.ts';
import type { GatewayConfig } from './config/gateway-config.ts';
import { isLoopback } from './config/is-loopback.ts';
import { loadConfig } from './config/load-config.ts';
import { readArguments } from './config/read-arguments.ts';
import type { TlsFiles } from './config/read-tls.ts';
import { type RunningGateway, startGateway } from './gateway.ts';
import { LOCAL_MODEL, LocalBackends } from './local-backends.ts';
import { type Logger, makeLogger } from './log.ts';
import { type Disk, readOperatorFiles } from './operator-files.ts';
import { type CountTokens, estimateTokens, lengthInTokens, tokenCounter } from './usage.ts';

const disk: Disk = { read: (path) => readFileSync(path, 'utf8'), mode: (path) => statSync(path).mode };

/** A fault that nobody caught: what a process does after it can't be trusted. */
const FAULT_EXIT_CODE = 70;

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

// A reader that left is no reason to end.
process.stdout.on('error', () => undefined);

await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<void> {
  const args = readArguments(argv);
  if (args.kind === 'broken') fail(`${args.problem}\nforebay-gateway --help says more`, 2);
  if (args.help) return print(describeHelp(version));
  if (args.version) return print(`${version}\n`);
  const loaded = loadConfig({ env: process.env, argv, readFile: (path) => readFileSync(path, 'utf8') });
  if (loaded.kind === 'config-error') fail(loaded.message, 1);
  const files = readOperatorFiles(loaded.config, disk);
  if (files.kind === 'broken') fail(files.problems.join('\n'), 1);
  const { apiKeys, tls } = files;
  const tokens = tokenCounterOf(loaded.config.tokenizerFile);
  if (args.checkConfig) return print(describeConfig(loaded));
  const log = makeLogger(loaded.config.logLevel);
  // Callers see their connections end, which they can try again, and no answer that may be wrong.
  process.on('uncaughtException', (err) => {
    log.fatal({ err }, 'an uncaught fault: ending at once');
    process.exit(FAULT_EXIT_CODE);
  });
  for (const warning of [...loaded.warnings, ...files.warnings]) log.warn(warning);
  if (apiKeys && (isLoopback(loaded.config.host) || loaded.config.forebayAllowOpen)) {
    log.warn(
      'keys are configured but not required: embedding is open on loopback and with FOREBAY_ALLOW_OPEN',
    );
  }
  await run({ config: loaded.config, apiKeys: apiKeys && new LiveKeys(apiKeys), tls, tokens, log });
}

interface RunParts {
  readonly config: GatewayConfig;
  readonly apiKeys: LiveKeys | undefined;
  readonly tls: TlsFiles;
  readonly tokens: TokenCounter;
  readonly log: Logger;
}

async function run({ config, apiKeys, tls, tokens, log }: RunParts): Promise<void> {
  const sources = localSources(config, log, tokens.useFile);
  let gateway: RunningGateway;
  try {
    gateway = await startGateway({
      config,
      apiKeys,
      tls,
      sources,
      models: sources.length > 0 ? [LOCAL_MODEL] : [],
      countTokens: tokens.count,
      // Local backends bring their tokenizer once they are up.
      lengthOf: config.tokenizerFile !== undefined || sources.length > 0 ? tokens.lengthOf : undefined,
      clock: systemClock,
      log,
      version,
      startedS: Math.floor((performance.timeOrigin + performance.now()) / 1_000),
    });
  } catch (error) {
    if (error instanceof PoolError) fail(error.message, 1);
    const { code } = error as NodeJS.ErrnoException;
    if (
      code === 'EADDRINUSE' ||
      code === 'EACCES' ||
      code === 'EADDRNOTAVAIL' ||
      code === 'ENOTFOUND' ||
      code === 'EAI_AGAIN'
    ) {
      fail(
        `cannot listen on ${config.host}:${config.port} (${code}): set HOST and PORT to a free address`,
        1,
      );
    }
    throw error;
  }
  stopOnSignals(gateway, log);
  renewOnHangup({ config, apiKeys, gateway, log });
  print(`forebay-gateway ${version} listens on ${gateway.url}\n`);
  if (sources.length > 0) print(`  starting ${config.localBackends} local backends with ${LOCAL_MODEL} …\n`);
  if (await gateway.ready) print(greeting(gateway, apiKeys !== undefined));
}

function localSources(
  config: GatewayConfig,
  log: Logger,
  onTokenizer: (path: string) => void,
): readonly BackendSource[] {
  if (config.localBackends === 0) return [];
  const program = fileURLToPath(import.meta.resolve('@forebay/local-backend/main'));
  return [
    new LocalBackends({
      count: config.localBackends,
      command: [process.execPath, program],
      // They share this machine's cores unless somebody says otherwise.
      env: {
        MAX_WORKERS: String(Math.max(1, Math.floor(availableParallelism() / config.localBackends))),
        ...process.env,
        FOREBAY_ADMIN_KEY: undefined,
        BACKENDS_TOKEN: undefined,
      },
      clock: systemClock,
      log,
      onTokenizer,
    }),
  ];
}

/** What a person at the terminal wants to know: where things are, and one line to try. */
function greeting(gateway: RunningGateway, needsKey: boolean): string {
  const { url, pool } = gateway;
  const { models, backends } = pool.stats();
  const model = models[0]?.name ?? LOCAL_MODEL;
  const up = backends.filter(({ state }) => state === 'serving').length;
  const key = needsKey ? "-H 'authorization: Bearer KEY' " : '';
  return `
  ready: ${up} of ${backends.length} backends up

  DJL      ${url}/predictions/${model}
  OpenAI   ${url}/v1
  TEI      ${url}/embed
  metrics  ${url}/metrics
  status   ${url}/api/status

  try: curl -s ${key}-H 'content-type: application/json' -d '{"inputs": "hello world"}' ${url}/predictions/${model}

`;
}

/** The first signal finishes what was accepted, a second one ends at once. */
function stopOnSignals(gateway: RunningGateway, log: Logger): void {
  let stopping = false;
  const stop = async (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ signal }, 'stopping: finishing the requests under way');
    const left = await gateway.stop();
    log.info({ cutOff: left }, 'stopped');
    process.exit(0);
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
  // A parent that started us with a channel is gone: nobody else would stop us.
  process.on('disconnect', () => stop('SIGTERM'));
}

interface Renewal extends Pick<RunParts, 'config' | 'apiKeys' | 'log'> {
  readonly gateway: RunningGateway;
}

/** SIGHUP reads keys and the listener's certificate again; what was good stays where the new is broken. */
function renewOnHangup({ config, apiKeys, gateway, log }: Renewal): void {
  // With nothing to renew it ends us, as it does any program whose terminal is closed.
  if (apiKeys === undefined && config.tlsCertFile === undefined) return;
  process.on('SIGHUP', () => {
    const files = readOperatorFiles(config, disk);
    if (files.kind === 'broken') {
      for (const problem of files.problems) log.error(`not renewed: ${problem}`);
      return;
    }
    if (files.apiKeys) apiKeys?.replace(files.apiKeys);
    if (files.tls.listener) gateway.renewTls(files.tls.listener);
    for (const warning of files.warnings) log.warn(warning);
    log.info({ keys: files.apiKeys?.keys.length ?? 0 }, 'keys and certificate were read again');
  });
}

interface TokenCounter {
  readonly count: CountTokens;
  /** The length of a text for batch budgets. */
  readonly lengthOf: (text: string) => number;
  readonly useFile: (path: string) => void;
}

/** Counts by TOKENIZER_FILE, else by the file that local backends show, else estimates. */
function tokenCounterOf(path: string | undefined): TokenCounter {
  let count = path === undefined ? estimateTokens : readTokenizer(path);
  return {
    count: (texts) => count(texts),
    lengthOf: (text) => lengthInTokens(text, count),
    useFile(shown) {
      if (count === estimateTokens) count = readTokenizer(shown);
    },
  };
}

function readTokenizer(path: string): CountTokens {
  const text = readOrFail('TOKENIZER_FILE', path);
  try {
    return tokenCounter(text);
  } catch (error) {
    return fail(`TOKENIZER_FILE ${path} is no tokenizer.json: ${(error as Error).message}`, 1);
  }
}

function readOrFail(variable: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return fail(`${variable} ${path} cannot be read: ${(error as Error).message}`, 1);
  }
}

function print(text: string): void {
  process.stdout.write(text);
}

function fail(message: string, exitCode: number): never {
  process.stderr.write(`${message}\n`);
  process.exit(exitCode);
}
