import { connect } from 'node:net';

/** What came back over one connection. */
export type RawAnswer = {
  /** 0 where nothing came. */
  readonly status: number;
  readonly statusLine: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How the connection stood when the answer was whole (`open`), or how it ended before or instead. */
  readonly ending: 'open' | 'closed' | 'reset' | 'refused';
};

/** A request by hand: `headers` and `body` go out as they are; a content-length is added to a body that is not chunked. */
export type RawRequest = {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/**
 * Sends one request on its own connection and waits for the end of the connection, or, with `until: 'answer'`, for
 * as many bytes as the answer announces.
 */
export function rawExchange(
  port: number,
  request: RawRequest,
  until: 'answer' | 'end' = 'answer',
): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(requestText(request)));
    let text = '';
    let ending: RawAnswer['ending'] = 'closed';
    socket.setEncoding('latin1').on('data', (piece: string) => {
      text += piece;
      if (until !== 'answer' || !isWhole(text)) return;
      ending = 'open';
      socket.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      ending = error.code === 'ECONNREFUSED' ? 'refused' : 'reset';
    });
    socket.on('close', () => resolve({ ...parse(text), ending }));
  });
}

/** A JSON body for one of the APIs. */
export function json(path: string, value: unknown): RawRequest {
  return { path, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

function requestText({ method = 'POST', path, headers = {}, body = '' }: RawRequest): string {
  const hasNoLength = body === '' || headers['transfer-encoding'] !== undefined;
  const length = hasNoLength ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const lines = Object.entries({ host: 'localhost', ...length, ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}

function isWhole(text: string): boolean {
  const { headers, body } = parse(text);
  return headers['content-length'] !== undefined && body.length >= Number(headers['content-length']);
}

function parse(text: string): Omit<RawAnswer, 'ending'> {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return { status: 0, statusLine: '', headers: {}, body: '' };
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  );
  return { status: Number(statusLine.split(' ')[1]), statusLine, headers, body: text.slice(end + 4) };
}
