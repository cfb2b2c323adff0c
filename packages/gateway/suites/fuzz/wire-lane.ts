import { connect, type Socket } from 'node:net';
import { readAnswer, type WireAnswer } from './http-answer.ts';

/** Longer than any answer takes; a caller that waited so long was forgotten. */
const NO_ANSWER_MS = 20_000;
/** After which a connection that sent garbage, and is not cut off, is left. */
const GARBAGE_MS = 300;

/** One caller with one connection at a time, kept alive while the other side does. */
export class WireLane {
  readonly #port: () => number;
  #socket: Socket | undefined;

  /** `port` is asked for each new connection. */
  constructor(port: () => number) {
    this.#port = port;
  }

  /** Sends one request and reads its one answer. Rejects where there is none, or bytes come that belong to no answer. */
  exchange(bytes: Buffer, method: string): Promise<WireAnswer> {
    const socket = this.#open();
    return new Promise((resolve, reject) => {
      let got: Buffer = Buffer.alloc(0);
      let parts: Buffer[] = [];
      const timer = setTimeout(() => fail(new Error(`no answer within ${NO_ANSWER_MS} ms`)), NO_ANSWER_MS);
      const leave = () => {
        clearTimeout(timer);
        socket.off('data', onData).off('close', onClose);
      };
      const fail = (error: unknown) => {
        leave();
        this.#drop();
        reject(error);
      };
      const look = (ended: boolean) => {
        try {
          got = Buffer.concat([got, ...parts]);
          parts = [];
          const result = readAnswer(got, method, ended);
          if (result.kind === 'more') return;
          const over = got.length - result.bytesRead;
          if (over > 0) throw new Error(`${over} bytes came after the answer`);
          leave();
          if (ended || !result.answer.staysOpen) this.#drop();
          resolve(result.answer);
        } catch (error) {
          fail(error);
        }
      };
      const onData = (part: Buffer) => {
        parts.push(part);
        look(false);
      };
      const onClose = () => look(true);
      socket.on('data', onData).on('close', onClose);
      socket.write(bytes);
    });
  }

  /** Sends bytes on a connection of their own and no more, and returns all that comes back. */
  async shout(bytes: Buffer): Promise<Buffer> {
    const socket = connect(this.#port(), '127.0.0.1');
    const parts: Buffer[] = [];
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => socket.destroy(), GARBAGE_MS);
      socket.on('data', (part: Buffer) => parts.push(part));
      socket.on('error', () => undefined); // a reset ends it as well
      socket.on('close', () => {
        clearTimeout(timer);
        resolve();
      });
      socket.end(bytes);
    });
    return Buffer.concat(parts);
  }

  close(): void {
    this.#drop();
  }

  #open(): Socket {
    if (this.#socket && !this.#socket.destroyed && this.#socket.writable && !this.#socket.readableEnded) {
      return this.#socket;
    }
    this.#drop();
    const socket = connect({ port: this.#port(), host: '127.0.0.1', noDelay: true });
    socket.on('error', () => undefined); // `close` follows, and says what there is to say
    this.#socket = socket;
    return socket;
  }

  #drop(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }
}
