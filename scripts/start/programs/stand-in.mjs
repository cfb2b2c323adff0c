// Stands in for the gateway or the scaler: `stand-in.mjs NAME [ends-with CODE | deaf-once | silent]`. Prints its environment and what it is sent.
import { createServer } from 'node:http';

const [name, mode, code] = process.argv.slice(2);
const say = (text) => process.stdout.write(`${name}: ${text}\n`);
let told = 0;
process.on('SIGTERM', () => {
  told += 1;
  say(`SIGTERM ${told}`);
  if (mode === 'deaf-once' && told < 2) return;
  setTimeout(() => {
    say('ended');
    process.exit(told - 1);
  }, 50);
});
process.on('disconnect', () => process.exit(0));
process.on('SIGHUP', () => say('SIGHUP'));
const { HOST, PORT, SCALER_HOST, SCALER_PORT, BACKENDS_URL, GATEWAY_URL, MIN_INSTANCES, SCALER_ON_STOP } =
  process.env;
say(JSON.stringify({ HOST, PORT, BACKENDS_URL, GATEWAY_URL, MIN_INSTANCES, SCALER_ON_STOP }));
const server = createServer((_, response) => response.end('{}'));
if (mode === 'ends-with' && name === 'gateway') process.exit(Number(code));
server.listen(name === 'scaler' ? Number(SCALER_PORT) : 0, SCALER_HOST ?? '127.0.0.1', () => {
  if (name === 'gateway') say(`stand-in 0.1.0 listens on http://127.0.0.1:${server.address().port}`);
  if (mode === 'ends-with') setTimeout(() => process.exit(Number(code)), 50);
});
