import type { OnReadOpts, Socket } from 'node:net';

/** As much as a socket is asked for at once. */
const READ_BYTES = 65_536;

/** Smaller reads are copied out: of a head that comes in pieces, the HTTP parser keeps the pieces. */
const COPY_BELOW_BYTES = 16_384;

/**
 * Lets a socket read into the same two buffers over and over, where Node would make a new one of 64 KiB for each read. An answer of
 * a megabyte then costs a third less, most of it in garbage collection, which buffers set off by their size.
 *
 * It is for a consumer that takes each part out of the socket when it is told of it, and keeps nothing of a part of 16 KiB or more:
 * a part's bytes are overwritten by the next read but one. While the socket holds a part that nobody took, new buffers are used.
 * Undici's parser does the former; what it hands on must be copied.
 */
export class ReusedReads {
  readonly #buffers: [Buffer, Buffer] = [
    Buffer.allocUnsafeSlow(READ_BYTES),
    Buffer.allocUnsafeSlow(READ_BYTES),
  ];
  #turn = 0;
  #allTaken = true;
  #socket: Pick<Socket, 'push' | 'readableLength'> | undefined;

  /** The option `onread` of the socket that is then given to `feed`. */
  get onread(): OnReadOpts {
    return {
      buffer: () => this.#next(),
      callback: (bytes, buffer) => this.#arrived(bytes, buffer),
    };
  }

  /** To be called before anything is read: when the socket is connected. */
  feed(socket: Pick<Socket, 'push' | 'readableLength'>): void {
    this.#socket = socket;
  }

  /** Called for the first read, and within each read for the one after it: what has just arrived is not yet taken then. */
  #next(): Buffer {
    if (!this.#allTaken) return Buffer.allocUnsafeSlow(READ_BYTES);
    this.#turn = 1 - this.#turn;
    return this.#turn === 0 ? this.#buffers[0] : this.#buffers[1];
  }

  #arrived(bytes: number, buffer: Uint8Array): boolean {
    const socket = this.#socket;
    // Whether all before this part was taken, so that the other buffer is free.
    this.#allTaken = socket?.readableLength === 0;
    const part = Buffer.from(buffer.buffer, buffer.byteOffset, bytes);
    socket?.push(bytes < COPY_BELOW_BYTES ? Buffer.from(part) : part);
    return true;
  }
}
