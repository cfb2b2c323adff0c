/** Says one thing to the operator, on one line. */
export type Log = (message: string) => void;

/** A log that writes `forebay-local-backend: MESSAGE` lines to `stream`. */
export function createLog(stream: NodeJS.WritableStream): Log {
  return (message) => {
    stream.write(`forebay-local-backend: ${message}\n`);
  };
}
