import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Clock } from '../../clock.ts';
import type { JsonAnswer, JsonRequest } from '../json-http.ts';
import type { EngineHttp } from './engine-api.ts';

/** A task as the fake keeps it. */
export interface FakeTask {
  readonly id: string;
  readonly service: string;
  readonly slot: number;
  readonly createdAtMs: number;
  /** Undefined: there was no room, and it waits. */
  readonly node: string | undefined;
  readonly desired: 'running' | 'shutdown';
  /** How it ended. */
  readonly state?: string;
  readonly err?: string;
}

/** What a call meets, once. */
export type FakeEngineFault =
  | { readonly kind: 'answers'; readonly status: number; readonly message: string }
  /** It is carried out, and the connection breaks before the answer. */
  | { readonly kind: 'cut-after' }
  | { readonly kind: 'hangs' };

interface FakeService {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly spec: Readonly<Record<string, unknown>>;
}

/**
 * NOT a Docker Engine: the few calls that the Swarm driver makes, answered from memory in the Engine's words, for what a real one can't be made to do
 * on demand. Tasks start after `startupMs` of its clock and end at once. The same driver runs the same contract on a real Engine (suites/swarm).
 */
export class FakeEngine {
  readonly #clock: Clock;
  #services: readonly FakeService[] = [];
  #tasks: readonly FakeTask[] = [];
  #version = 10;
  #made = 0;
  #server: Server | undefined;
  readonly #faults: { readonly path: RegExp; readonly fault: FakeEngineFault }[] = [];
  /** From creation to running. */
  startupMs = 1_000;
  /** Ids of tasks that never do; they are t1, t2, … in the order of their creation. */
  neverRunning: ReadonlySet<string> = new Set();
  /** Most tasks with a node. */
  room = Number.POSITIVE_INFINITY;
  nodes: readonly Readonly<Record<string, unknown>>[] = [fakeNode('n1')];
  /** Every request, as `POST /services/s1/update?version=10`. */
  readonly requests: string[] = [];
  /** Called before each request is carried out: somebody else who acts in between. */
  onRequest: (request: string) => void = () => undefined;
  /** As `GET /version` says it. */
  apiVersion = '1.41';

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Every task that ever was, in the order of their creation. */
  get history(): readonly FakeTask[] {
    return this.#tasks;
  }

  /** Those that are to run. */
  get alive(): readonly FakeTask[] {
    return this.#tasks.filter(({ desired }) => desired === 'running');
  }

  create(name: string, replicas: number, more: Readonly<Record<string, unknown>> = {}): void {
    const spec = {
      Name: name,
      Mode: { Replicated: { Replicas: replicas } },
      TaskTemplate: { ContainerSpec: { Image: 'djl', Healthcheck: { Test: ['CMD', 'true'] } } },
      ...more,
    };
    this.#services = [
      ...this.#services,
      { id: `s${this.#services.length + 1}`, name, version: ++this.#version, spec },
    ];
    this.#reconcile();
  }

  specOf(name: string): Readonly<Record<string, unknown>> | undefined {
    return this.#services.find((service) => service.name === name)?.spec;
  }

  /** Somebody else's change of a service: its version moves on. */
  change(name: string, change: Readonly<Record<string, unknown>>): void {
    this.#services = this.#services.map((service) =>
      service.name === name
        ? { ...service, version: ++this.#version, spec: { ...service.spec, ...change } }
        : service,
    );
    this.#reconcile();
  }

  /** It ends as said, and Swarm puts another in its place. */
  fail(id: string, err: string, state = 'failed'): void {
    this.#set(id, { desired: 'shutdown', state, err });
    this.#reconcile();
  }

  /** What the next request for such a path meets. */
  script(path: RegExp, ...faults: readonly FakeEngineFault[]): void {
    for (const fault of faults) this.#faults.push({ path, fault });
  }

  /** Without a socket. */
  http(): EngineHttp {
    return {
      call: async ({ method = 'GET', path, body }: JsonRequest) =>
        this.#answer(method, path, JSON.parse(JSON.stringify(body ?? null))),
      close: async () => undefined,
    };
  }

  async listen(socketPath: string): Promise<void> {
    this.#server = createServer((request, response) => void this.#serve(request, response));
    await once(this.#server.listen(socketPath), 'listening');
  }

  /** What a cut cable does to those that are connected and those that come. */
  async close(): Promise<void> {
    if (!this.#server?.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const part of request) text += String(part);
    const { method = 'GET', url = '/' } = request;
    const index = this.#faults.findIndex(({ path }) => path.test(url));
    const fault = index < 0 ? undefined : this.#faults.splice(index, 1)[0]?.fault;
    if (fault?.kind === 'hangs') return;
    const { status, body } =
      fault?.kind === 'answers'
        ? { status: fault.status, body: { message: fault.message } }
        : this.#answer(method, url, text === '' ? null : JSON.parse(text));
    if (fault?.kind === 'cut-after') return void response.destroy();
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body === undefined ? '' : JSON.stringify(body));
  }

  #answer(method: string, url: string, body: unknown): JsonAnswer {
    if (url === '/version') return ok({ ApiVersion: this.apiVersion, MinAPIVersion: '1.12' });
    const path = url.replace(/^\/v[\d.]+/, '');
    this.requests.push(`${method} ${path}`);
    this.onRequest(`${method} ${path}`);
    const [, room = '', name = '', action = ''] = /^\/(\w+)\/?([^/?]*)\/?(\w*)/.exec(path) ?? [];
    if (room === 'info') return ok({ Swarm: { NodeID: 'n1' } });
    if (room === 'nodes') return ok(this.nodes);
    if (room === 'tasks')
      return ok(this.#listed(new URLSearchParams(url.split('?')[1]).get('filters') ?? '{}'));
    if (room === 'images') return refused(404, 'No such image');
    if (room === 'containers') return this.#container(name.replace(/^c-/, ''), action);
    const service = this.#services.find((each) => each.id === name || each.name === decodeURIComponent(name));
    if (service === undefined) return refused(404, `service ${name} not found`);
    if (method === 'GET')
      return ok({ ID: service.id, Version: { Index: service.version }, Spec: service.spec });
    if (!path.endsWith(`version=${service.version}`)) {
      return refused(500, 'rpc error: code = Unknown desc = update out of sequence');
    }
    this.change(service.name, body as Readonly<Record<string, unknown>>); // the driver's whole spec
    return ok({ Warnings: null });
  }

  #listed(filters: string): readonly unknown[] {
    const { service = [], 'desired-state': desired = [] } = JSON.parse(filters) as Record<string, string[]>;
    const nowMs = this.#clock.nowMs();
    this.#place();
    return this.#tasks
      .filter((task) => service.includes(task.service) && desired.includes(task.desired))
      .map((task) => ({
        ID: task.id,
        CreatedAt: new Date(task.createdAtMs).toISOString(),
        Slot: task.slot,
        ...(task.node !== undefined && { NodeID: task.node }),
        DesiredState: task.desired,
        Status: {
          State: this.#stateOf(task, nowMs),
          ...(task.err !== undefined && { Err: task.err }),
          ...(task.node !== undefined && { ContainerStatus: { ContainerID: `c-${task.id}` } }),
        },
        Spec: { Resources: { Limits: { NanoCPUs: 1e9 } } },
        NetworksAttachments: [
          { Network: { Spec: { Name: 'embed_default' } }, Addresses: [`10.0.1.${task.slot}/24`] },
        ],
      }));
  }

  #stateOf({ id, node, state, createdAtMs }: FakeTask, nowMs: number): string {
    if (state !== undefined) return state;
    if (node === undefined) return 'pending';
    return nowMs < createdAtMs + this.startupMs || this.neverRunning.has(id) ? 'starting' : 'running';
  }

  /** Of `stats`: half a CPU and a quarter of the memory, all the time. */
  #container(id: string, action: string): JsonAnswer {
    const task = this.alive.find((each) => each.id === id);
    if (task === undefined) return refused(404, `No such container: ${id}`);
    if (action === 'stop') {
      this.fail(id, 'task: non-zero exit (143)');
      return { status: 204, body: undefined };
    }
    const nowMs = this.#clock.nowMs();
    return ok({
      read: new Date(nowMs).toISOString(),
      cpu_stats: { cpu_usage: { total_usage: (nowMs - task.createdAtMs) * 0.5e6 }, online_cpus: 2 },
      memory_stats: { usage: 300, limit: 1_000, stats: { inactive_file: 50 } },
    });
  }

  /** As Swarm does: as many tasks as the service wants, each in the lowest free slot; the highest slots go. */
  #reconcile(): void {
    this.#place();
    for (const { id: service, spec } of this.#services) {
      const { Replicated } = spec.Mode as { Replicated?: { Replicas: number } }; // made by `create`, or the driver's
      const replicas = Replicated?.Replicas ?? 0;
      const own = () => this.alive.filter((task) => task.service === service);
      for (const { id } of own()
        .toSorted((a, b) => a.slot - b.slot)
        .slice(replicas)) {
        this.#set(id, { desired: 'shutdown', state: 'shutdown' });
      }
      while (own().length < replicas)
        this.#launch(
          service,
          own().map(({ slot }) => slot),
        );
    }
  }

  /** Those that wait, as far as there is room. */
  #place(): void {
    for (const { id, node, ...task } of this.alive) {
      const placed = this.alive.filter((each) => each.node !== undefined).length;
      if (node !== undefined || placed >= this.room) continue;
      const { err: _, ...rest } = task;
      this.#tasks = this.#tasks.map((each) =>
        each.id === id ? { ...rest, id, node: 'n1', createdAtMs: this.#clock.nowMs() } : each,
      );
    }
  }

  #launch(service: string, taken: readonly number[]): void {
    let slot = 1;
    while (taken.includes(slot)) slot += 1;
    this.#made += 1;
    const placed = this.alive.filter(({ node }) => node !== undefined).length < this.room;
    this.#tasks = [
      ...this.#tasks,
      {
        id: `t${this.#made}`,
        service,
        slot,
        createdAtMs: this.#clock.nowMs(),
        desired: 'running',
        node: placed ? 'n1' : undefined,
        ...(!placed && { err: 'no suitable node (insufficient resources on 1 node)' }),
      },
    ];
  }

  #set(id: string, change: Partial<FakeTask>): void {
    this.#tasks = this.#tasks.map((task) => (task.id === id ? { ...task, ...change } : task));
  }
}

/** A node as `GET /nodes` has it. */
export function fakeNode(
  id: string,
  {
    state = 'ready',
    availability = 'active',
  }: { readonly state?: string; readonly availability?: string } = {},
): Readonly<Record<string, unknown>> {
  return {
    ID: id,
    Spec: { Availability: availability },
    Description: { Hostname: `host-${id}` },
    Status: { State: state, Addr: '192.0.2.1' },
  };
}

function ok(body: unknown): JsonAnswer {
  return { status: 200, body };
}

function refused(status: number, message: string): JsonAnswer {
  return { status, body: { message } };
}
