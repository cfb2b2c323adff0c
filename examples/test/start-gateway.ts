import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A gateway of its own process, with its local backends unless `own` names others; resolves when it is ready. */
export async function startGateway(own: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.resolve('@forebay/gateway/main'))], {
    env: { ...process.env, PORT: '0', LOG_LEVEL: 'warn', ...own },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let url = '';
  for await (const line of createInterface({ input: child.stdout })) {
    url ||= /http:\S+/.exec(line)?.[0] ?? '';
    if (line.includes('ready:')) break;
  }
  const stop = async () => {
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  return { url, [Symbol.asyncDispose]: stop, stop };
}
