import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expectedVector, type SimulatedBackend, startSimulatedBackend } from '@forebay/testing';
import { expect, it } from 'vitest';
import { systemClock } from '../src/clock.ts';
import { loadConfig } from '../src/config/load-config.ts';
import { HOST_OPTIONS } from '../src/drivers/ec2/ec2-rig.test-support.ts';
import { addressOf, FakeEc2 } from '../src/drivers/ec2/fake-ec2.test-support.ts';
import { Ec2Driver } from '../src/drivers/ec2-driver.ts';
import { httpPing } from '../src/drivers/process/ping.ts';
import { makeLogger } from '../src/log.ts';
import { systemRandom } from '../src/random.ts';
import { startScaler } from '../src/start-scaler.ts';
import { spawnGateway } from './spawned-gateway.ts';

/** From launch to the first answer. */
const BOOT_MS = 1_500;
const NOTICE_SECONDS = 12;

it('a spot notice under load: the replacement is asked for at once, on demand while spot has no room, and no request is lost', {
  timeout: 90_000,
}, async () => {
  const [scalerPort, hostPort] = [await freePort(), await freePort()];
  // The real scaler, gateway, driver and sockets; EC2 is a fake, and its hosts are simulated model servers at the addresses that it gives.
  const ec2 = new FakeEc2({ clock: systemClock, network: 127, pendingMs: 300 });
  await using _machines = new Machines(ec2, hostPort);
  await using gateway = await spawnGateway({
    BACKENDS_URL: `http://127.0.0.1:${scalerPort}/v1/backends`,
  });
  const scaler = await startScaler({
    config: configOf(scalerPort, gateway.url),
    clock: systemClock,
    random: systemRandom,
    log: makeLogger('fatal'),
    env: {},
    driverFor: () =>
      new Ec2Driver({
        api: ec2.api(),
        clock: systemClock,
        options: { ...HOST_OPTIONS, port: hostPort, purchase: 'spot-first' },
        ping: httpPing(500),
        onEvent: () => undefined,
      }),
  });
  try {
    await until('three hosts serve', async () => (await hostsOf(scaler.url, 'ready')).length === 3);
    const load = new Load(`${gateway.url}/predictions/all-MiniLM-L6-v2`, 12);
    await until('load is answered', async () => load.answered > 100);

    const leaving = ec2.living()[0]?.instanceId ?? '';
    ec2.room.spot = 0;
    const launchesBefore = ec2.history.length;
    const answeredBefore = load.answered;
    const saidAtMs = systemClock.nowMs();
    await post(`${scaler.url}/v1/hosts/${leaving}`, {
      state: 'leaving',
      because: 'spot interruption',
      deadline_seconds: NOTICE_SECONDS,
    });
    await until('a replacement is launched', async () => ec2.history.length > launchesBefore);
    const launchedAfterMs = systemClock.nowMs() - saidAtMs;
    await until('the host is empty and ended', async () =>
      ec2.living().every(({ instanceId }) => instanceId !== leaving),
    );
    const endedAfterMs = systemClock.nowMs() - saidAtMs;
    await until('three hosts serve again', async () => (await hostsOf(scaler.url, 'ready')).length === 3);
    await sleep(1_000);
    const { answered, failures } = await load.stop();

    const report = `replacement asked for after ${launchedAfterMs} ms, ${ec2.living('on-demand').length} on demand; the host was empty and ended after ${(endedAfterMs / 1_000).toFixed(1)} s of ${NOTICE_SECONDS}; ${answered} requests (${answered - answeredBefore} since the notice), ${failures.length} failed`;
    console.log(report);
    expect(failures).toEqual([]);
    expect(answered - answeredBefore).toBeGreaterThan(100);
    // Ticks are 5 s apart: the report itself began one.
    expect(launchedAfterMs).toBeLessThan(1_000);
    expect(ec2.history.slice(launchesBefore).map(({ market }) => market)).toEqual(['on-demand']);
    expect(endedAfterMs).toBeLessThan(NOTICE_SECONDS * 1_000);
  } finally {
    await scaler.stop();
  }
});

/** Boots a model server for each instance that is launched, and pulls the plug when it ends. */
class Machines implements AsyncDisposable {
  readonly #servers = new Map<string, SimulatedBackend>();
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(ec2: FakeEc2, port: number) {
    this.#done = this.#run(ec2, port);
  }

  async [Symbol.asyncDispose]() {
    this.#stop.abort();
    await this.#done;
    await Promise.all([...this.#servers.values()].map((server) => server.close()));
  }

  async #run(ec2: FakeEc2, port: number): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const living = ec2.living().filter(({ launchedAtMs }) => systemClock.nowMs() - launchedAtMs >= BOOT_MS);
      for (const { instanceId } of living) {
        if (this.#servers.has(instanceId)) continue;
        const host = addressOf(instanceId, 127);
        this.#servers.set(instanceId, await startSimulatedBackend({ host, port, aMs: 10, bMs: 1 }));
      }
      for (const [instanceId, server] of this.#servers) {
        if (ec2.living().some((each) => each.instanceId === instanceId)) continue;
        await server.kill();
      }
      await sleep(50);
    }
  }
}

/** Callers that ask again as soon as they are answered, and look at every number. */
class Load {
  readonly failures: string[] = [];
  answered = 0;
  readonly #url: string;
  readonly #callers: readonly Promise<void>[];
  #over = false;

  constructor(url: string, callers: number) {
    this.#url = url;
    this.#callers = Array.from({ length: callers }, (_, caller) => this.#run(caller));
  }

  async stop() {
    this.#over = true;
    await Promise.all(this.#callers);
    return { answered: this.answered, failures: this.failures };
  }

  async #run(caller: number): Promise<void> {
    for (let nth = 0; !this.#over; nth += 1) {
      const texts = [`caller ${caller}, text ${nth}`, `caller ${caller}, another ${nth}`];
      try {
        const answer = await post(this.#url, { inputs: texts });
        if (JSON.stringify(answer) !== JSON.stringify(texts.map((text) => expectedVector(text)))) {
          this.failures.push(`wrong vectors for ${texts[0]}`);
        }
      } catch (error) {
        this.failures.push(String(error));
      }
      this.answered += 1;
    }
  }
}

function configOf(port: number, gatewayUrl: string) {
  const loaded = loadConfig({
    env: {
      SCALER_PORT: String(port),
      SCALER_STATE: ':memory:',
      SCALER_DRIVER: 'ec2',
      GATEWAY_URL: gatewayUrl,
      MIN_INSTANCES: '3',
      MAX_INSTANCES: '5',
    },
    argv: [],
    readFile: () => '',
    platform: 'linux',
  });
  if (loaded.kind === 'config-error') throw new Error(loaded.message);
  return loaded.config;
}

async function hostsOf(scalerUrl: string, state: string): Promise<readonly unknown[]> {
  const answer = await fetch(`${scalerUrl}/v1/hosts`);
  const { hosts } = (await answer.json()) as { readonly hosts: readonly { readonly state: string }[] };
  return hosts.filter((host) => host.state === state);
}

async function post(url: string, body: unknown): Promise<unknown> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
  return answer.json();
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (await isSo()) return;
    await sleep(50);
  }
  throw new Error(`not so within 30 s: ${what}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo; // it listens on a port
      server.close(() => resolve(port));
    });
  });
}
