#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { availableParallelism, homedir, totalmem } from 'node:os';
import { systemClock } from './clock.ts';
import { helpText, readCommandLine } from './command-line.ts';
import { type BackendConfig, type Machine, resolveConfig } from './config.ts';
import { readConfigFile } from './config-file.ts';
import { messageOf } from './errors.ts';
import { createLog } from './log.ts';
import { cacheFolder } from './model/cache-folder.ts';
import { createProgressLine } from './model/progress-line.ts';
import { serve } from './serve.ts';

const log = createLog(process.stderr);

try {
  process.exit(await main());
} catch (error) {
  log(messageOf(error));
  process.exit(1);
}

/** The exit status. */
async function main(): Promise<number> {
  const commandLine = readCommandLine(process.argv.slice(2));
  if (commandLine.action === 'help') return print(helpText());
  if (commandLine.action === 'version') return print(`${packageVersion()}\n`);
  const file = commandLine.configFile === undefined ? {} : readConfigFile(commandLine.configFile);
  const config = resolveConfig([{ PORT: commandLine.port }, process.env, file], machine());
  if (commandLine.action === 'check-config') return print(`${JSON.stringify(config, null, 2)}\n`);
  return run(config);
}

async function run(config: BackendConfig): Promise<number> {
  const stop = new AbortController();
  const cut = new AbortController();
  const onSignal = () => {
    if (cut.signal.aborted) process.exit(1); // something hangs
    if (stop.signal.aborted) return cut.abort();
    log('stopping: accepted requests are finished first, a second signal ends at once');
    stop.abort();
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  // A parent that started us with a channel is gone: nobody else would stop us.
  process.on('disconnect', onSignal);
  const cutOff = await serve(
    config,
    {
      clock: systemClock,
      log,
      progress: createProgressLine(process.stderr, systemClock),
      fetch: globalThis.fetch,
      env: process.env,
      cacheDir: cacheFolder({
        platform: process.platform,
        homeDir: homedir(),
        xdgCacheHome: process.env.XDG_CACHE_HOME,
        localAppData: process.env.LOCALAPPDATA,
      }),
      startedAt: new Date(performance.timeOrigin).toISOString(),
      onReady: (url, { address, port }, { tokenizerPath: tokenizer }) =>
        print(`${JSON.stringify({ url, host: address, port, tokenizer })}\n`),
    },
    { stop: stop.signal, cut: cut.signal },
  );
  if (cutOff > 0) {
    const why = cut.signal.aborted ? 'before the second signal' : `within ${config.stopTimeoutMs} ms`;
    log(`stopped; ${cutOff} ${cutOff === 1 ? 'request was' : 'requests were'} not finished ${why}`);
  }
  return cutOff > 0 ? 1 : 0;
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

function machine(): Machine {
  const limitBytes = process.constrainedMemory();
  const memoryBytes = limitBytes > 0 ? Math.min(limitBytes, totalmem()) : totalmem();
  return { cpus: availableParallelism(), memoryBytes };
}

function packageVersion(): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  return manifest.version;
}
