import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

/** A socket that leads to an Engine whose tasks were made at a test's times. */
export interface EngineOnClock extends AsyncDisposable {
  readonly path: string;
  /** From now on it is so late. */
  setTime(nowMs: number): void;
}

/**
 * Passes everything to and from the Engine at the socket `target`, but for when tasks were made: an Engine has no other clock than the machine's,
 * and an hour of a test is a minute of it. Statistics of containers are refused, as a proxy for the socket may: an Engine gives them once in a second of its own.
 */
export async function engineOnClock(path: string, target: string): Promise<EngineOnClock> {
  const times: { readonly machineMs: number; readonly nowMs: number }[] = [];
  const atMs = (machineMs: number) =>
    (times.findLast((each) => each.machineMs <= machineMs) ?? times[0])?.nowMs ?? machineMs;
  const server = createServer((asked, answer) => void pass(asked, answer, target, atMs));
  await once(server.listen(path), 'listening');
  return {
    path,
    setTime: (nowMs) => void times.push({ machineMs: Date.now(), nowMs }),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      rmSync(path, { force: true });
    },
  };
}

async function pass(
  asked: IncomingMessage,
  answer: ServerResponse,
  socketPath: string,
  atMs: (machineMs: number) => number,
): Promise<void> {
  try {
    const { method, url: path = '', headers } = asked;
    if (path.includes('/stats?')) {
      answer.writeHead(403, { 'content-type': 'application/json' }).end('{"message":"not on this clock"}');
      return;
    }
    const passed = request({ socketPath, method, path, headers });
    asked.pipe(passed);
    const [said] = (await once(passed, 'response')) as [IncomingMessage]; // as node has it
    const parts: Buffer[] = [];
    for await (const part of said) parts.push(part as Buffer); // no encoding is set
    const body = Buffer.concat(parts);
    const isList = /\/tasks(\?|$)/.test(path) && said.statusCode === 200;
    const type = said.headers['content-type'] ?? 'application/json';
    answer.writeHead(said.statusCode ?? 502, { 'content-type': type });
    answer.end(isList ? withTimes(body, atMs) : body);
  } catch (error) {
    answer.writeHead(502).end(String(error));
  }
}

function withTimes(body: Buffer, atMs: (machineMs: number) => number): string {
  const tasks = JSON.parse(body.toString()) as readonly { readonly CreatedAt: string }[]; // as the Engine's API has it
  return JSON.stringify(
    tasks.map((task) => ({
      ...task,
      CreatedAt: new Date(atMs(Date.parse(task.CreatedAt))).toISOString(),
    })),
  );
}
