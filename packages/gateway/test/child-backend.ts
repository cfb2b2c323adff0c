import { createServer } from 'node:http';

// A local backend's outside for the tests of LocalBackends: it announces itself in the same line, says what it was started
// with, dies on POST /die, and hangs on SIGTERM where it is told to.
const server = createServer((request, response) => {
  if (request.url === '/die') process.exit(3);
  const { HOST, PORT, MARK } = process.env;
  response.end(JSON.stringify({ pid: process.pid, HOST, PORT, MARK }));
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as { port: number }; // it listens on a port
  process.stdout.write('warming up, see http://127.0.0.1:1/docs\n');
  process.stdout.write(
    `${JSON.stringify({ url: `http://127.0.0.1:${port}/predictions/all-MiniLM-L6-v2`, tokenizer: '/some/tokenizer.json' })}\n`,
  );
});
process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
