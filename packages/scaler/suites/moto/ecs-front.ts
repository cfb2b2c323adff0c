import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How far a task is on its way, and how far its health check; as moto has it where nothing is said. */
export interface TaskStanding {
  readonly lastStatus?: string;
  readonly healthStatus?: string;
}

export interface FrontParts {
  /** Where moto is. */
  readonly target: string;
  readonly nowMs: () => number;
  readonly standingOf: (taskArn: string) => TaskStanding;
  /** Hears of each call of ECS that moto has carried out, such as `UpdateService`. */
  readonly onCall: (action: string, request: Readonly<Record<string, unknown>>) => void;
}

/**
 * All of moto at an address of its own, with two things that its ECS lacks: tasks that take their time to start, and task protection, which is kept
 * here, in memory.
 */
export class EcsFront implements AsyncDisposable {
  readonly #parts: FrontParts;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #protectedUntilMs = new Map<string, number>();

  private constructor(parts: FrontParts) {
    this.#parts = parts;
  }

  static async start(parts: FrontParts): Promise<EcsFront> {
    const front = new EcsFront(parts);
    front.#server.listen(0, '127.0.0.1');
    await once(front.#server, 'listening');
    return front;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`; // it listens on TCP
  }

  isProtected(arn: string): boolean {
    return (this.#protectedUntilMs.get(arn) ?? 0) > this.#parts.nowMs();
  }

  /** As a task does for itself through the agent's endpoint; 0 minutes end it. */
  protect(arn: string, minutes: number): void {
    this.#protectedUntilMs.set(arn, this.#parts.nowMs() + minutes * 60_000);
  }

  async [Symbol.asyncDispose]() {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer); // no encoding is set
      const body = Buffer.concat(parts);
      const [service, action = ''] = String(request.headers['x-amz-target'] ?? '').split('.');
      const asked = service?.startsWith('AmazonEC2ContainerService')
        ? JSON.parse(body.toString())
        : undefined;
      const own = asked && this.#own(action, asked);
      if (own !== undefined) return answer(response, 200, JSON_TYPE, Buffer.from(JSON.stringify(own)));
      const passed = await this.#pass(request, body);
      const bytes = Buffer.from(await passed.arrayBuffer());
      if (asked && passed.ok) this.#parts.onCall(action, asked);
      const type = passed.headers.get('content-type') ?? JSON_TYPE;
      answer(response, passed.status, type, action === 'DescribeTasks' ? this.#shown(bytes) : bytes);
    } catch (error) {
      answer(response, 502, 'text/plain', Buffer.from(String(error)));
    }
  }

  #pass({ method = 'POST', url = '/', headers }: IncomingMessage, body: Buffer): Promise<Response> {
    const skipped = new Set(['host', 'connection', 'content-length', 'expect', 'transfer-encoding']);
    const kept = Object.entries(headers).filter(([name]) => !skipped.has(name));
    return fetch(`${this.#parts.target}${url}`, {
      method,
      headers: kept.map(([name, value]): [string, string] => [name, String(value)]),
      ...(body.length > 0 && { body: new Uint8Array(body) }),
    });
  }

  #own(action: string, { tasks = [], protectionEnabled, expiresInMinutes = 120 }: AskedProtection) {
    if (action === 'UpdateTaskProtection') {
      for (const arn of tasks) this.protect(arn, protectionEnabled ? expiresInMinutes : 0);
    } else if (action !== 'GetTaskProtection') return undefined;
    const protectedTasks = tasks.map((taskArn) => {
      const protectionEnabled = this.isProtected(taskArn);
      const expirationDate = (this.#protectedUntilMs.get(taskArn) ?? 0) / 1_000;
      return { taskArn, protectionEnabled, ...(protectionEnabled && { expirationDate }) };
    });
    return { protectedTasks, failures: [] };
  }

  #shown(bytes: Buffer): Buffer {
    const said = JSON.parse(bytes.toString()) as { readonly tasks?: readonly MotoTask[] }; // as ECS' model has it
    const tasks = said.tasks?.map((task) =>
      task.lastStatus === 'RUNNING' ? { ...task, ...this.#parts.standingOf(task.taskArn) } : task,
    );
    return Buffer.from(JSON.stringify({ ...said, tasks }));
  }
}

interface AskedProtection {
  readonly tasks?: readonly string[];
  readonly protectionEnabled?: boolean;
  readonly expiresInMinutes?: number;
}

interface MotoTask {
  readonly taskArn: string;
  readonly lastStatus: string;
}

const JSON_TYPE = 'application/x-amz-json-1.1';

function answer(response: ServerResponse, status: number, type: string, body: Buffer): void {
  response.writeHead(status, { 'content-type': type }).end(body);
}
