import { createServer, type Server } from 'node:net';

/**
 * Ports of loopback that nobody listens on and that are not among `spoken`, those of replicas that may not listen yet. All are held until
 * the last is found, so they differ. Somebody may take one before a replica does; that replica then fails.
 */
export async function freePorts(count: number, spoken: ReadonlySet<number>): Promise<readonly number[]> {
  const servers: Server[] = [];
  const ports: number[] = [];
  try {
    while (ports.length < count) {
      const server = createServer();
      const port = await listen(server);
      servers.push(server);
      if (!spoken.has(port)) ports.push(port);
    }
  } finally {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
  return ports;
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: 0, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      if (address !== null && typeof address === 'object') resolve(address.port);
      else reject(new Error('a listening server has no port'));
    });
  });
}
