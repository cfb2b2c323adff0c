/** A client of autocannon 9 as it is inside, which its types don't say. */
export interface InnerClient {
  readonly reqsMade: number;
  /** `maxConnectionRequests`: the connection ends after its open request when that many were sent. */
  responseMax?: number;
  /** With 1 the next request goes out on a new connection, and no `response` tells of this answer. */
  reconnectRate?: number | undefined;
  on(event: 'request', listener: () => void): void;
  on(
    event: 'headers',
    listener: (head: { readonly statusCode: number; readonly shouldKeepAlive: boolean }) => void,
  ): void;
  /** What came off the connection together with the first piece of a body, the head included. */
  on(event: 'body', listener: (chunk: Buffer) => void): void;
  on(event: 'response', listener: (status: number) => void): void;
}

/** Who hears of a client's answers. */
export interface ClientListeners {
  readonly onAnswer: (status: number, latencyMs: number) => void;
  /** The beginning of the body of an answer that is an error. */
  readonly onErrorBody: (text: string) => void;
}

const MAX_ERROR_LENGTH = 300;

/** Tells of every answer, also of those that end their connection. */
export function watchClient(client: InnerClient, { onAnswer, onErrorBody }: ClientListeners): void {
  let [sentMs, isError] = [0, false];
  const answered = (status: number) => onAnswer(status, performance.now() - sentMs);
  client.on('request', () => {
    sentMs = performance.now();
  });
  client.on('headers', ({ statusCode, shouldKeepAlive }) => {
    // Else it would send the next request on the connection that this answer ends. The body isn't looked at then.
    client.reconnectRate = shouldKeepAlive ? undefined : 1;
    if (!shouldKeepAlive) answered(statusCode);
    isError = statusCode !== 200;
  });
  client.on('body', (chunk) => {
    if (isError) onErrorBody(bodyText(chunk));
  });
  client.on('response', answered);
}

function bodyText(chunk: Buffer): string {
  const text = chunk.toString().split('\r\n\r\n').at(-1) ?? '';
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_ERROR_LENGTH);
}
