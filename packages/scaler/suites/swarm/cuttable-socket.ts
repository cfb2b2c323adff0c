import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';

/** A socket that leads to another one until it is cut. */
export interface CuttableSocket {
  readonly path: string;
  cut(): Promise<void>;
}

/** Listens at `path` and passes every byte to and from the socket `target`. */
export async function cuttableSocket(path: string, target: string): Promise<CuttableSocket> {
  const open = new Set<Socket>();
  const server = createServer((caller) => {
    const engine = connect(target);
    for (const [one, other] of [
      [caller, engine],
      [engine, caller],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => open.delete(one));
    }
  });
  await once(server.listen(path), 'listening');
  return {
    path,
    async cut() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
      rmSync(path, { force: true });
    },
  };
}
