import { connect, type Socket } from 'node:net';
import { type HttpAnswer, ResponseReader } from './response-reader.ts';

/** What became of one request. */
export type Outcome =
  | { readonly kind: 'answered'; readonly answer: HttpAnswer }
  /** The connection failed, or brought something that is no HTTP. */
  | { readonly kind: 'broken'; readonly why: string }
  /** Every connection was taken. */
  | { readonly kind: 'unsent' };

/**
 * Sends requests to one server over connections that it keeps, one request at a time on each.
 *
 * Plain sockets: beside a program under test on the same few cores, the load must cost as little as it can. Single texts, every
 * vector compared, 64 callers, on two cores of an EPYC with Node 26: 38 to 49 µs of CPU a request; autocannon 58 to 62,
 * `node:http` 124 to 133.
 */
export class Caller {
  readonly #port: number;
  readonly #host: string;
  readonly #maxConnections: number;
  readonly #open = new Set<Socket>();
  /** The one that was used last is used next, so that few are needed. */
  readonly #idle: Connection[] = [];

  constructor(url: URL, maxConnections: number) {
    this.#host = url.hostname;
    this.#port = Number(url.port);
    this.#maxConnections = maxConnections;
  }

  /** `done` is called once, unless the caller is closed before. */
  send(request: Buffer, done: (outcome: Outcome) => void): void {
    const connection = this.#idle.pop() ?? this.#connect();
    if (connection === undefined) {
      done({ kind: 'unsent' });
      return;
    }
    connection.done = done;
    connection.socket.write(request);
  }

  /** Drops all connections and forgets what waits on them. */
  close(): void {
    for (const socket of this.#open) socket.destroy();
    this.#open.clear();
    this.#idle.length = 0;
  }

  #connect(): Connection | undefined {
    if (this.#open.size >= this.#maxConnections) return undefined;
    const socket = connect({ port: this.#port, host: this.#host, noDelay: true });
    const connection: Connection = { socket, done: undefined };
    const reader = new ResponseReader();
    this.#open.add(socket);
    const settle = (outcome: Outcome) => {
      const { done } = connection;
      connection.done = undefined;
      if (this.#open.has(socket)) done?.(outcome);
    };
    socket.on('data', (data: Buffer) => {
      try {
        const answer = reader.push(data);
        if (answer === undefined) return;
        if (answer.keepsOpen) this.#idle.push(connection);
        else this.#leave(connection);
        const { done } = connection;
        connection.done = undefined;
        done?.({ kind: 'answered', answer });
      } catch (error) {
        settle({ kind: 'broken', why: String(error) });
        this.#leave(connection);
      }
    });
    let why = 'the connection was closed without an answer';
    socket.on('error', (error) => {
      why = error.message;
    });
    socket.on('close', () => {
      settle({ kind: 'broken', why });
      this.#leave(connection);
    });
    return connection;
  }

  #leave(connection: Connection): void {
    this.#open.delete(connection.socket);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    connection.socket.destroy();
  }
}

type Connection = { readonly socket: Socket; done: ((outcome: Outcome) => void) | undefined };
