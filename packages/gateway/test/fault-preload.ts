import { createServer } from 'node:http';

// Loaded into a gateway's process by its tests (node --import): opens a port of its own, and a request there makes the process
// fail as a fault in the gateway would: GET /throw, GET /reject.
const server = createServer((request, response) => {
  response.end(() => {
    if (request.url === '/throw') setImmediate(throwOne);
    if (request.url === '/reject') void Promise.reject(new RangeError('nobody awaits this'));
  });
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as { port: number }; // it listens on a port
  process.stdout.write(`fault port: ${port}\n`);
});
server.unref();

function throwOne(): never {
  throw new TypeError('a fault of the test');
}
