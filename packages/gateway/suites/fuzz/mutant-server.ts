import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expectedVectorJson } from '@forebay/testing';
import { MODEL } from '../../test/apis.ts';
import { type Mutation, type SpoiledAnswer, withLength } from './answer-mutations.ts';

/** A spoiled answer that went out, and the texts that it was for. */
export interface Struck extends SpoiledAnswer {
  readonly texts: readonly string[];
}

/** A DJL server over bare TCP: honest, but for one answer each time it is armed. */
export interface MutantServer extends AsyncDisposable {
  readonly djlUrl: string;
  /** The next answer to texts, probes included, will be spoiled so. */
  arm(mutation: Mutation): void;
  /** Takes the weapon away, and tells what it did. */
  disarm(): Struck | undefined;
  /** Whether it was used since it was armed. */
  readonly hasStruck: boolean;
}

export async function startMutantServer(): Promise<MutantServer> {
  let armed: Mutation | undefined;
  let struck: Struck | undefined;
  const sockets = new Set<Socket>();
  const answer = (socket: Socket, target: string, body: Buffer) => {
    if (!target.startsWith('/predictions/')) {
      socket.write(withLength(Buffer.from(JSON.stringify({ [MODEL]: { status: 'Healthy' } }))));
      return;
    }
    const { inputs }: { inputs: string[] } = JSON.parse(body.toString('utf8'));
    const honest = bodyOf(inputs);
    if (!armed) {
      socket.write(withLength(honest));
      return;
    }
    const spoiled = armed.spoil(honest, bodyOf(inputs.map((text) => `not ${text}`)));
    armed = undefined;
    struck = { ...spoiled, texts: inputs };
    socket.write(spoiled.bytes, () => {
      if (spoiled.end === 'ends') socket.end();
      if (spoiled.end === 'resets') socket.resetAndDestroy();
    });
  };
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined); // `close` follows
    let got = Buffer.alloc(0);
    socket.on('data', (part: Buffer) => {
      got = Buffer.concat([got, part]);
      const headEnd = got.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const head = got.toString('latin1', 0, headEnd);
      const end = headEnd + 4 + Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      if (got.length < end) return;
      const body = got.subarray(headEnd + 4, end);
      got = Buffer.from(got.subarray(end));
      answer(socket, head.split(' ')[1] ?? '', body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    djlUrl: `http://127.0.0.1:${port}/predictions/${MODEL}`,
    arm(mutation) {
      armed = mutation;
      struck = undefined;
    },
    disarm() {
      armed = undefined;
      return struck;
    },
    get hasStruck() {
      return struck !== undefined;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function bodyOf(texts: readonly string[]): Buffer {
  return Buffer.from(`[${texts.map((text) => expectedVectorJson(text, { model: MODEL })).join(',')}]`);
}
