import { type DestinationStream, type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';
import type { LogLevel } from './config/gateway-config.ts';

/** Where the gateway says what it does. Never given a caller's text, a key, or a whole request. */
export type Logger = Pick<PinoLogger, 'fatal' | 'error' | 'warn' | 'info' | 'debug'>;

/** JSON lines on `destination`. @default stderr, so that stdout stays for people */
export function makeLogger(level: LogLevel, destination: DestinationStream = stderrLines()): Logger {
  const serializers = { err: loggableFault };
  return pino({ level, base: null, timestamp: stdTimeFunctions.isoTime, serializers }, destination);
}

/** What the log says of a thrown value. */
export interface LoggableFault {
  readonly type: string;
  readonly code?: string;
  readonly message: string;
  /** Where it was thrown; the message stands above only. */
  readonly stack: readonly string[];
}

/**
 * An error without what may be a caller's: fields of its own (bodies, vectors), its causes, and the message where it is a parser's,
 * which quotes what it was given.
 */
export function loggableFault(thrown: unknown): LoggableFault {
  if (!(thrown instanceof Error))
    return { type: typeof thrown, message: 'something else than an error', stack: [] };
  const { code } = thrown as NodeJS.ErrnoException;
  const isParsers = thrown instanceof SyntaxError;
  return {
    type: thrown.name,
    ...(typeof code === 'string' ? { code } : {}),
    message: isParsers ? 'a parser’s, not shown since it quotes its input' : thrown.message.slice(0, 300),
    stack: (thrown.stack ?? '')
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .map((line) => line.trim()),
  };
}

/** Lines on stderr; when their reader is gone they are lost, which must not hold up a gateway that is told to stop. */
function stderrLines(): DestinationStream {
  if (!process.stderr.listeners('error').includes(ignore)) process.stderr.on('error', ignore);
  return { write: (line) => void process.stderr.write(line) };
}

function ignore(): void {
  // A line that nobody reads is lost.
}
