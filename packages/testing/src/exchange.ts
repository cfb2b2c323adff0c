import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { CounterLedger } from './counters.ts';
import type { Face } from './faces/face.ts';
import type { Refusal } from './refusal.ts';
import type { SpoiledBody } from './spoil-body.ts';

/** One embedding request and the one answer, or none, that it gets. */
export class Exchange {
  readonly face: Face;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #counters: CounterLedger;

  constructor(face: Face, request: IncomingMessage, response: ServerResponse, counters: CounterLedger) {
    this.face = face;
    this.#request = request;
    this.#response = response;
    this.#counters = counters;
    counters.requestOpened();
    response.on('close', () => counters.requestClosed());
  }

  /** Whether the client has gone. */
  get left(): boolean {
    return this.#request.socket.destroyed;
  }

  /** Status 200 with `body`. */
  answer(body: Buffer | string, extraHeaders: readonly string[] = []): void {
    this.#counters.add('answered');
    const headers = [...this.face.answerHeaders(this.#request.headers), ...extraHeaders];
    send(this.#response, 200, headers, body);
  }

  /** Status 200 with something that no client can read. */
  answerSpoiled(body: SpoiledBody): void {
    if (!body.ends) {
      this.answer(body.bytes);
      return;
    }
    this.#counters.add('answered');
    const { socket } = this.#request;
    const headers = this.face.answerHeaders(this.#request.headers);
    socket.write(head(200, 'OK', headers, body.contentLength, 'keep-alive'), 'latin1');
    socket.write(body.bytes, () => socket.destroy());
  }

  /** An error status; a face that resets does so once the answer has been handed to the network. */
  refuse(refusal: Refusal): void {
    this.#counters.add('rejected');
    const body = this.face.errorBody(refusal);
    if (refusal.status === 413) {
      send(this.#response, 413, [], body);
    } else if (this.face.resetsAfterErrors) {
      const { socket, headers } = this.#request;
      sendAndReset(socket, refusal, this.face.answerHeaders(headers), body);
    } else {
      send(this.#response, refusal.status, this.face.answerHeaders(this.#request.headers), body);
    }
  }

  /** Resets the connection without an answer. */
  reset(): void {
    this.#counters.add('rejected');
    this.#request.socket.resetAndDestroy();
  }

  /** Leaves the request without an answer for as long as the connection lives. */
  hang(): void {
    this.#counters.add('hung');
  }
}

/** A whole answer on a connection that stays open, whatever the client asked for. */
export function send(
  response: ServerResponse,
  status: number,
  headers: readonly string[],
  body: Buffer | string,
): void {
  const length = String(Buffer.byteLength(body));
  response.sendDate = false;
  response.writeHead(status, [...headers, 'content-length', length, 'connection', 'keep-alive']);
  response.end(body);
}

/** DJL's way with errors: the answer says `connection: close`, and a reset follows it instead of an end. */
export function sendAndReset(
  socket: IncomingMessage['socket'],
  { status, type, message }: Refusal,
  headers: readonly string[],
  body: string,
): void {
  // DJL puts the messages of these, and only these, into the status line too.
  const reason = type === 'BadRequestException' ? message : (STATUS_CODES[status] ?? 'Unknown');
  const length = Buffer.byteLength(body);
  socket.write(head(status, reason, headers, length, 'close') + body, () => socket.resetAndDestroy());
}

function head(
  status: number,
  reason: string,
  headers: readonly string[],
  contentLength: number,
  connection: 'close' | 'keep-alive',
): string {
  const lines = [`HTTP/1.1 ${status} ${reason.replace(/[^\x20-\x7e]/g, '?')}`];
  for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  return `${lines.join('\r\n')}\r\ncontent-length: ${contentLength}\r\nconnection: ${connection}\r\n\r\n`;
}
