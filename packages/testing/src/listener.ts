import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { CounterLedger } from './counters.ts';
import { sendAndReset } from './exchange.ts';
import { djl, djlErrorBody } from './faces/djl.ts';
import { badRequest } from './refusal.ts';

/** The listening port with its connections; can be closed as by a crash and opened again. */
export class Listener {
  readonly #onRequest: RequestListener;
  readonly #counters: CounterLedger;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(onRequest: RequestListener, counters: CounterLedger) {
    this.#onRequest = onRequest;
    this.#counters = counters;
  }

  get isOpen(): boolean {
    return this.#server !== undefined;
  }

  /** Listens, and says on which port. Rejects when the port is taken. */
  async open(host: string, port: number): Promise<number> {
    const server = createServer(FOREVER, this.#onRequest);
    server.on('connection', (socket) => this.#track(socket));
    server.on('clientError', (_error, socket) => refuseGarbage(socket as Socket)); // a net.Socket: no other transport is served
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    this.#server = server;
    return (server.address() as AddressInfo).port; // not a string: it listens on a port
  }

  /** Closes the port and resets every connection. Resolves when all are gone; at once when it is closed already. */
  async kill(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await closed;
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    this.#counters.socketOpened();
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#counters.socketClosed();
    });
  }
}

/** DJL has no time limits on connections, and 8,192 bytes for headers. */
const FOREVER = { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0, maxHeaderSize: 8192 };

function refuseGarbage(socket: Socket): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const refusal = badRequest('Invalid HTTP message.');
  sendAndReset(socket, refusal, djl.answerHeaders({}), djlErrorBody(refusal));
}
