import { type ChildProgram, type Command, type End, startProgram } from './child-program.ts';
import {
  type Environment,
  gatewayEnvironment,
  limitsOf,
  type Surroundings,
  scalerEnvironment,
  scalerUrlOf,
  toCallable,
} from './scaled-environments.ts';

export interface StartScaledOptions extends Surroundings {
  readonly gateway: Command;
  readonly scaler: Command;
  readonly env: Environment;
  /** The scaler's file as the user named it, for what is printed. */
  readonly scalerConfig?: string | undefined;
  readonly out: (text: string) => void;
  /** Where signals to this program come from: `process`. */
  readonly signals: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
  readonly sleep: (delayMs: number, signal: AbortSignal) => Promise<void>;
  /** Whether a `GET` of this address answers with 200. */
  readonly answers: (url: string) => Promise<boolean>;
}

/** Longest time to end; then a program is killed. The scaler's replicas have theirs within it. */
const GATEWAY_STOP_MS = 90_000;
const SCALER_STOP_MS = 60_000;

const READY_LOOK_MS = 200;

/**
 * Runs the gateway and the scaler until a signal comes or one of them ends; then ends the gateway, which finishes its requests on the
 * replicas, and after it the scaler, which ends those. Resolves with the exit code: that of the one which ended by itself (1 if it was 0),
 * else 0 when both ended well. Throws a `ScaleError` before anything is started when the configuration can't be served.
 */
export async function startScaled(options: StartScaledOptions): Promise<number> {
  const { env, out } = options;
  const running: { stopping?: ChildProgram; stopped: boolean } = { stopped: false };
  const signalled = Promise.withResolvers<{ readonly kind: 'signal' }>();
  const onStop = () => {
    // A signal after the first goes to the one that is ending: it then ends at once.
    if (running.stopped) running.stopping?.send('SIGTERM');
    running.stopped = true;
    signalled.resolve({ kind: 'signal' });
  };
  const gateway = startProgram(options.gateway, gatewayEnvironment(env), out);
  const onHangup = () => gateway.send('SIGHUP'); // it reads its keys again, or ends if it has none
  options.signals.on('SIGTERM', onStop).on('SIGINT', onStop).on('SIGHUP', onHangup);
  const quiet = new AbortController();
  try {
    const first = await Promise.race([
      gateway.printed(/listens on (\S+)\s/).then((url) => ({ kind: 'listens' as const, url })),
      gateway.ended.then((end) => ({ kind: 'ended' as const, end })),
      signalled.promise,
    ]);
    if (first.kind === 'ended') return first.end.code;
    if (first.kind === 'signal') {
      running.stopping = gateway;
      return (await stop(gateway, GATEWAY_STOP_MS, options)).code;
    }
    const scaler = startProgram(options.scaler, scalerEnvironment(env, toCallable(first.url), options), out);
    void announce(options, quiet.signal);
    const cause = await Promise.race([
      gateway.ended.then((end) => ({ kind: 'ended' as const, name: 'gateway', other: 'scaler', end })),
      scaler.ended.then((end) => ({ kind: 'ended' as const, name: 'scaler', other: 'gateway', end })),
      signalled.promise,
    ]);
    quiet.abort();
    if (cause.kind === 'ended') out(`the ${cause.name} ended ${cause.end.how}: ending the ${cause.other}\n`);
    running.stopped = true;
    running.stopping = gateway;
    const gatewayEnd = await stop(gateway, GATEWAY_STOP_MS, options);
    running.stopping = scaler;
    const scalerEnd = await stop(scaler, SCALER_STOP_MS, options);
    if (cause.kind === 'ended') return cause.end.code || 1;
    return gatewayEnd.code || scalerEnd.code;
  } finally {
    quiet.abort();
    options.signals.off('SIGTERM', onStop).off('SIGINT', onStop).off('SIGHUP', onHangup);
  }
}

async function stop(program: ChildProgram, limitMs: number, { sleep }: StartScaledOptions): Promise<End> {
  const ended = new AbortController();
  program.send('SIGTERM');
  void sleep(limitMs, ended.signal).then(() => {
    if (!ended.signal.aborted) program.send('SIGKILL');
  });
  const end = await program.ended;
  ended.abort();
  return end;
}

/** Says where the scaler is once it has looked around for the first time. */
async function announce(options: StartScaledOptions, quiet: AbortSignal): Promise<void> {
  const { env, out, sleep, answers } = options;
  const url = toCallable(scalerUrlOf(env));
  while (!quiet.aborted && !(await answers(`${url}/readyz`))) await sleep(READY_LOOK_MS, quiet);
  if (quiet.aborted) return;
  out(`
  scaler   ${url}/scaling/status
  backends ${url}/v1/backends
${countsOf(options)
  .map((line) => `           ${line}\n`)
  .join('')}
`);
}

/** How many there will be, or where that stands. */
function countsOf(options: StartScaledOptions): readonly string[] {
  const { env, scalerConfig, groupsInFile } = options;
  if (groupsInFile) return [`local backends as ${scalerConfig} says`];
  const { MIN_INSTANCES: min, MAX_INSTANCES: max } = limitsOf(env, options);
  const wakes = min === '0' ? '; the first request starts one and waits for it' : '';
  const counts = `${min} to ${max} local backends${wakes}`;
  if (scalerConfig !== undefined) return [counts];
  return [counts, 'other windows and policies: --scaler-config examples/scaler/quick.yaml'];
}
