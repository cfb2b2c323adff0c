import { readFileSync } from 'node:fs';
import { expectedVector, type SimulatedBackend, startSimulatedBackend } from '@forebay/testing';
import { djlApi, embed, MODEL } from '../../test/apis.ts';
import { type GatewayProcess, spawnGateway } from '../../test/gateway-process.ts';

const ADMIN_KEY = 'the-admin-key-of-the-fuzz';

/** A gateway in a process of its own before one simulated backend; comes back when it died, to let a case be shrunk. */
export class FuzzTarget implements AsyncDisposable {
  readonly #backend: SimulatedBackend;
  #gateway: GatewayProcess;
  #port: number;

  private constructor(backend: SimulatedBackend, gateway: GatewayProcess, port: number) {
    this.#backend = backend;
    this.#gateway = gateway;
    this.#port = port;
  }

  static async start(): Promise<FuzzTarget> {
    const backend = await startSimulatedBackend();
    const gateway = spawn(backend);
    return new FuzzTarget(backend, gateway, await portOf(gateway));
  }

  get port(): number {
    return this.#port;
  }

  /** Memory that the gateway's process holds, in MiB. */
  get rssMiB(): number {
    const status = readFileSync(`/proc/${this.#gateway.child.pid}/status`, 'utf8');
    return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024);
  }

  /** Throws when the gateway has ended or has logged a fault of its own; it runs again afterwards. */
  async mustLive(): Promise<void> {
    const { child } = this.#gateway;
    const said = `${this.#gateway.stderr()}${this.#gateway.stdout()}`;
    const faulty = said.includes('a fault of the gateway');
    if (child.exitCode === null && child.signalCode === null && !faulty) return;
    await this.#gateway[Symbol.asyncDispose]();
    this.#gateway = spawn(this.#backend);
    this.#port = await portOf(this.#gateway);
    throw new Error(
      `the gateway ${faulty ? 'failed' : `ended (${child.exitCode} ${child.signalCode})`}: ${said.slice(-4_000)}`,
    );
  }

  /** Throws unless a plain request is answered with its vectors. */
  async mustServe(): Promise<void> {
    const text = `all is well at ${this.#port}`;
    const { status, text: answer } = await embed(`http://127.0.0.1:${this.#port}`, djlApi, [text]);
    const expected = JSON.stringify([expectedVector(text, { model: MODEL })]);
    if (status !== 200 || JSON.stringify(JSON.parse(answer)) !== expected)
      throw new Error(`a good request was answered ${status} ${answer.slice(0, 500)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#gateway[Symbol.asyncDispose]();
    await this.#backend.close();
  }
}

function spawn(backend: SimulatedBackend): GatewayProcess {
  return spawnGateway([], {
    PORT: '0',
    DJL_URLS: backend.djlUrl,
    LOG_LEVEL: 'error',
    // Without it a request that is odd enough could drain the backend.
    FOREBAY_ADMIN_KEY: ADMIN_KEY,
  });
}

async function portOf(gateway: GatewayProcess): Promise<number> {
  return Number(new URL(await gateway.url).port);
}
