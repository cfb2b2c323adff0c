import { connect } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';

/** A port that speaks TLS and hands on to another port in the clear. */
export interface TlsFront extends AsyncDisposable {
  readonly port: number;
  /** Names of the certificates that callers have shown, `none` where they had none. */
  readonly callers: readonly string[];
}

export async function startTlsFront(port: number, options: TlsOptions): Promise<TlsFront> {
  const callers: string[] = [];
  const sockets = new Set<{ destroy(): unknown }>();
  const server = createServer(options, (socket) => {
    callers.push(String(socket.getPeerCertificate()?.subject?.CN ?? 'none'));
    const behind = connect(port, '127.0.0.1');
    for (const each of [socket, behind]) {
      sockets.add(each);
      each.on('error', () => undefined).on('close', () => sockets.delete(each));
    }
    socket.pipe(behind).pipe(socket);
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: own } = server.address() as { port: number }; // it listens on a port
  return {
    port: own,
    callers,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
