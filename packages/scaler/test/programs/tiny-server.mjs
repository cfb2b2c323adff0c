// A replica for tests: answers /ping after START_MS, and /env with its environment.
// TINY_MODE: `plain`; `deaf` ignores SIGTERM; `parent` has a child that inherits its environment; `broken` ends with 3; `hanging` stops
// answering after its first answer. It writes its id and pid to the file LEDGER, if there is one, before all else.
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';

const { HOST, PORT, LEDGER, FOREBAY_REPLICA_ID, TINY_MODE = 'plain', START_MS = '0' } = process.env;
if (LEDGER) appendFileSync(LEDGER, `${FOREBAY_REPLICA_ID} ${process.pid}\n`);
process.stdout.write(`tiny server, ${TINY_MODE}, on ${HOST}:${PORT}\n`);
if (TINY_MODE === 'broken') {
  process.stderr.write('no such model\n');
  process.exit(3);
}
process.on('SIGTERM', () => {
  if (TINY_MODE !== 'deaf') process.exit(0);
});
if (TINY_MODE === 'parent') {
  spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
}
let answers = 0;
const server = createServer((request, response) => {
  if (TINY_MODE === 'hanging' && answers > 0) return;
  answers += 1;
  response.setHeader('content-type', 'application/json');
  response.end(
    JSON.stringify(request.url === '/env' ? process.env : { 'all-MiniLM-L6-v2': { status: 'Healthy' } }),
  );
});
setTimeout(() => server.listen(Number(PORT), HOST), Number(START_MS));
