import { type DestinationStream, type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';
import type { LogLevel } from './config/gateway-config.ts';

/** Where the gateway says what it does. Never given a caller's text, a key, or a whole request. */
export type Logger = Pick<PinoLogger, 'fatal' | 'error' | 'warn' | 'info' | 'debug'>;

/** JSON lines on `destination`. @default stderr, so that stdout stays for people */
export function makeLogger(level: LogLevel, destination: DestinationStream = stderrLines()): Logger {
  return pino({ level, base: null, timestamp: stdTimeFunctions.isoTime }, destination);
}

/** Lines on stderr; when their reader is gone they are lost, which must not hold up a gateway that is told to stop. */
function stderrLines(): DestinationStream {
  process.stderr.on('error', () => undefined);
  return { write: (line) => void process.stderr.write(line) };
}
