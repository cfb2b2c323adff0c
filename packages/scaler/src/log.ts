import { type DestinationStream, type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';
import { decisionRecord } from './records/decision-record.ts';
import type { Decision } from './values/decision.ts';

/** From the most to the least urgent, or nothing at all. */
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'silent';

/** Where the scaler says what it does. Never given a key or a whole request. */
export type Logger = Pick<PinoLogger, 'fatal' | 'error' | 'warn' | 'info' | 'debug'>;

/** JSON lines on `destination`. @default stderr, so that stdout stays for people */
export function makeLogger(level: LogLevel, destination: DestinationStream = stderrLines()): Logger {
  const serializers = { err: loggableFault };
  return pino({ level, base: null, timestamp: stdTimeFunctions.isoTime, serializers }, destination);
}

/**
 * Says what was decided, with the decision's record as fields: a change as
 * `Scaling from 2 to 3 instances: Scaling up based on cpu-based-scaling` at info, a tick without one at debug. What a dry run would do is said once
 * for each count that it comes to.
 */
export function decisionLogger(log: Logger): (decision: Decision) => void {
  const wouldBe = new Map<string, number>();
  return (decision) => {
    const { group, current, target, reason, dryRun } = decision;
    const step = `from ${current} to ${target} instances`;
    const isNews = dryRun && current !== target && wouldBe.get(group) !== target;
    if (dryRun) wouldBe.set(group, target);
    if (current === target) log.debug(decisionRecord(decision), `Staying at ${current} instances: ${reason}`);
    else if (!dryRun) log.info(decisionRecord(decision), `Scaling ${step}: ${reason}`);
    else log[isNews ? 'info' : 'debug'](decisionRecord(decision), `Dry run, not scaling ${step}: ${reason}`);
  };
}

/** What the log says of a thrown value. */
interface LoggableFault {
  readonly type: string;
  readonly code?: string;
  readonly message: string;
  /** Of the errors behind it, from the nearest. */
  readonly causes?: readonly string[];
  /** Where it was thrown; the message stands above only. */
  readonly stack: readonly string[];
}

/** An error without fields of its own, which may be whole requests of a cloud's client with what signs them. */
function loggableFault(thrown: unknown): LoggableFault {
  if (!(thrown instanceof Error)) {
    return { type: typeof thrown, message: 'something else than an error', stack: [] };
  }
  const { code } = thrown as NodeJS.ErrnoException;
  const causes = messagesBehind(thrown);
  return {
    type: thrown.name,
    ...(typeof code === 'string' ? { code } : {}),
    message: thrown.message.slice(0, 300),
    ...(causes.length > 0 ? { causes } : {}),
    stack: (thrown.stack ?? '')
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .map((line) => line.trim()),
  };
}

/** At most five, in case they go in a circle. */
function messagesBehind(error: Error): readonly string[] {
  const messages: string[] = [];
  for (let { cause } = error; cause instanceof Error && messages.length < 5; cause = cause.cause) {
    messages.push(cause.message.slice(0, 300));
  }
  return messages;
}

/** Lines on stderr; when their reader is gone they are lost, which must not hold up a scaler that is told to stop. */
function stderrLines(): DestinationStream {
  if (!process.stderr.listeners('error').includes(ignore)) process.stderr.on('error', ignore);
  return { write: (line) => void process.stderr.write(line) };
}

function ignore(): void {
  // A line that nobody reads is lost.
}
