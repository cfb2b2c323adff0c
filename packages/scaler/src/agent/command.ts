import { type InstanceMetadata, metadataEndpoint, openInstanceMetadata } from '../aws/instance-metadata.ts';
import { openSecretsApi, type SecretsApi } from '../aws/secrets-api.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { Random } from '../random.ts';
import { AGENT_HELP } from './agent-help.ts';
import { type AgentOptions, parseAgentOptions } from './agent-options.ts';
import { httpProbe } from './probe-host.ts';
import { tokenReader } from './read-token.ts';
import { Reporter, retryWaitMs } from './reporter.ts';
import { httpSender } from './send-claim.ts';
import { watchHealth } from './watch-health.ts';
import { watchNotices } from './watch-notices.ts';

/** What the agent touches of the world. */
export interface AgentIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => Promise<string>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Aborts when the agent is told to end. */
  readonly stop: AbortSignal;
}

/** The last words have this long. */
const LAST_WORDS_MS = 5_000;

/** `forebay-scaler agent`, given the arguments after that word. Resolves with the exit code: 0 once it is told to end, 2 after one line of error. */
export async function runAgent(argv: readonly string[], io: AgentIo): Promise<number> {
  const command = parseAgentOptions(argv, io.env);
  switch (command.kind) {
    case 'help':
      io.out(AGENT_HELP);
      return 0;
    case 'problem':
      io.err(`forebay-scaler agent: ${command.message}\nTry forebay-scaler agent --help\n`);
      return 2;
    case 'run':
      await run(command.options, io);
      return 0;
  }
}

async function run(options: AgentOptions, io: AgentIo): Promise<void> {
  const { clock, random, log, stop, env } = io;
  const metadata = openInstanceMetadata({ endpoint: metadataEndpoint(env), clock });
  const id = options.id ?? (await instanceId(metadata, io));
  if (id === undefined) return; // it was told to end before it knew
  const openSecrets = async (signal: AbortSignal): Promise<SecretsApi> => {
    const isKnown = env.AWS_REGION !== undefined || !options.watchesNotices;
    return openSecretsApi({ region: isKnown ? undefined : await metadata.region(signal) });
  };
  const lastWords = new AbortController();
  const token = tokenReader(options.token, {
    readFile: io.readFile,
    openSecrets,
    clock,
    signal: lastWords.signal,
  });
  const sender = httpSender({ scalers: options.scalers, id, token, clock });
  const reporter = new Reporter({ send: sender.send, clock, random, log });
  const say = reporter.say.bind(reporter);
  log.info(
    { id, scalers: options.scalers, probe: options.probeUrl },
    `telling ${options.scalers.join(', ')} how ${id} is`,
  );
  await Promise.all([
    watchHealth({ ...options, probe: httpProbe(options.probeUrl, clock), say, clock, random, log }, stop),
    ...(options.watchesNotices ? [watchNotices({ metadata, say, clock, log }, stop)] : []),
    reporter.run(stop),
  ]);
  if (options.onStop === 'leaving') {
    say({ state: 'leaving', because: 'the host is shutting down', deadlineMs: clock.nowMs() });
    const told = new AbortController();
    void clock.sleep(LAST_WORDS_MS, told.signal).then(() => lastWords.abort());
    await reporter.flush(lastWords.signal);
    told.abort();
  }
  await sender.close();
}

/** Who this host is; asked until metadata says so, or undefined when told to end before. */
async function instanceId(metadata: InstanceMetadata, io: AgentIo): Promise<string | undefined> {
  const { clock, random, log, stop } = io;
  for (let failures = 1; !stop.aborted; failures += 1) {
    try {
      return await metadata.instanceId(stop);
    } catch (error) {
      if (failures === 1 && !stop.aborted)
        log.warn({ err: error }, `which host is this? asking on (or give --id): ${(error as Error).message}`);
    }
    await clock.sleep(retryWaitMs(failures, random), stop);
  }
  return undefined;
}
