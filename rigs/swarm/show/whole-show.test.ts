import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { swarmRig } from '../../swarm.ts';
import { docker, engineEnv, enginePaths, OUTSIDE, waitFor } from '../engine.ts';
import { leftOvers } from '../left-overs.ts';
import { importPlainImage, PLAIN_IMAGE } from '../plain-image.ts';
import { isEmbedding, type LoadCounts, startLoad } from './load.ts';
import { modelFolder } from './model-folder.ts';
import { type Program, REPOSITORY, startProgram } from './program.ts';
import { deployStack, leftOfStack, NODE, removeStack, shownTasks } from './stack.ts';
import { watchScalings } from './watch-scalings.ts';

// One run of the whole, told as it goes: a stack, the gateway and the scaler before it, a load that takes 2 replicas to 5, a replica killed
// under it, and back to 2. The tests are about what was seen of it.

const MODEL_PATH = '/predictions/all-MiniLM-L6-v2';

interface Course {
  readonly first: { readonly status: number; readonly vector: readonly number[] };
  /** Replicas that were ready, as they changed. */
  readonly ready: readonly number[];
  readonly burst: LoadCounts;
  readonly trickle: LoadCounts;
  readonly killed: string;
  readonly idsAfterKill: readonly string[];
  readonly scalings: readonly string[];
  /** As the scaler's status has it. */
  readonly memoryPercent: number;
  readonly leftOfStack: readonly string[];
  readonly leftOfRig: readonly string[] | undefined;
}

const installed = await swarmRig.install();
const because =
  installed.kind === 'unavailable'
    ? installed.because
    : existsSync(NODE)
      ? undefined
      : `${NODE} is not installed`;
if (because !== undefined) process.stderr.write(`No show: ${because}\n`);

describe.skipIf(because !== undefined)('the whole on a real Swarm', () => {
  const folder = mkdtempSync(join(tmpdir(), 'forebay-show-'));
  const programs: Program[] = [];
  let seen: Course;
  let ours = false;

  beforeAll(async () => {
    ours = (await swarmRig.status()) === undefined;
    seen = await wholeCourse(folder, programs, ours);
  });
  afterAll(async () => {
    await Promise.all(programs.map((program) => program.stop()));
    if (ours) await swarmRig.stop(); // when the course broke off
    rmSync(folder, { recursive: true, force: true });
  });

  it('embeds text with the real model', () => {
    expect(seen.first.status).toBe(200);
    expect(seen.first.vector).toHaveLength(384);
    expect(isEmbedding(seen.first.vector)).toBe(true);
  });

  it('goes from two to five under load, and back to two without it', () => {
    expect(seen.ready[0]).toBe(2);
    expect(Math.max(...seen.ready)).toBe(5);
    expect(seen.ready.at(-1)).toBe(2);
  });

  it('says why, in its log', () => {
    const up = seen.scalings.filter((line) => /Scaling up based on queued-work: /.test(line));
    const down = seen.scalings.filter((line) => /Scaling down based on queued-work: /.test(line));
    expect(up.length).toBeGreaterThan(0);
    expect(down.length).toBeGreaterThan(0);
    expect(seen.scalings).toHaveLength(up.length + down.length);
  });

  it('fails no request, though a task is killed under load and three are ended', () => {
    expect(seen.burst.failures).toEqual({});
    expect(seen.trickle.failures).toEqual({});
    expect(seen.burst.requests).toBeGreaterThan(100);
    expect(seen.trickle.requests).toBeGreaterThan(10);
  });

  it('has Swarm put another task in the place of the killed one, under an id of its own', () => {
    expect(seen.idsAfterKill).toHaveLength(5);
    expect(seen.idsAfterKill).not.toContain(seen.killed);
  });

  it('reads what the containers use of their memory', () => {
    expect(seen.memoryPercent).toBeGreaterThan(5);
    expect(seen.memoryPercent).toBeLessThan(95);
  });

  it('leaves nothing behind', () => {
    expect(seen.leftOfStack).toEqual([]);
    if (seen.leftOfRig !== undefined) expect(seen.leftOfRig).toEqual([]);
  });
});

async function wholeCourse(folder: string, programs: Program[], ours: boolean): Promise<Course> {
  const tell = teller();
  const outside = OUTSIDE.filter((path) => !existsSync(path));
  await swarmRig.start();
  tell(`a Swarm of one node runs at ${engineEnv().DOCKER_HOST}`);
  await importPlainImage([NODE, ONNX_BINDING]);
  const model = await modelFolder();
  tell(`the image ${PLAIN_IMAGE} is made of this machine's files; the model lies in ${model}`);
  await deployStack(model);
  const ready: number[] = [];
  const untilReady = async (count: number, limitMs: number) => {
    const look = async () => {
      const tasks = await shownTasks();
      const now = tasks.filter(({ state }) => state === 'running').length;
      if (ready.at(-1) !== now) {
        ready.push(now);
        tell(`${now} of ${tasks.length} tasks are ready`);
      }
      return now === count && tasks.length === count;
    };
    await waitFor(look, limitMs, () => `there are not ${count} replicas`);
  };
  await untilReady(2, 120_000);
  ready.splice(0, ready.length - 1); // what follows is about what the scaler makes of it
  tell(`the stack is up: ${await namesOfTasks()}`);

  const { gateway, scaler, gatewayUrl, scalerUrl } = await startPrograms(folder, programs);
  tell(`gateway on ${gatewayUrl}, scaler with SCALER_DRIVER=swarm on ${scalerUrl}`);
  const scalings = watchScalings(scaler, tell);
  const url = `${gatewayUrl}${MODEL_PATH}`;
  const first = await embed(url, 'Hello, Swarm.');
  const shown = first.vector.slice(0, 3).map((each) => each.toFixed(4));
  tell(`"Hello, Swarm." is ${first.vector.length} numbers: ${shown.join(', ')}, …`);

  const plan = { url, sleep: sleepFor };
  tell('load: 96 callers, 8 texts in each request');
  const load = startLoad({ ...plan, callers: 96, textsPerRequest: 8, pauseMs: 0 });
  await untilReady(5, 120_000);
  tell(`five replicas: ${told(load.counts())}`);
  await sleepFor(4_000); // all five have work, and were looked at twice
  const memoryPercent = await memoryOf(scalerUrl);
  tell(`the containers use ${memoryPercent.toFixed(1)} % of their memory, says the scaler`);
  const killed = (await shownTasks())[0]?.name ?? '';
  await docker(['kill', killed]);
  tell(`killed under load: ${killed}`);
  const isGone = async () => (await shownTasks()).every(({ name }) => name !== killed);
  await waitFor(isGone, 20_000, () => `${killed} is still listed`);
  await untilReady(5, 60_000);
  const idsAfterKill = (await shownTasks()).map(({ name }) => name);
  tell(`Swarm has put another in its place: ${await namesOfTasks()}`);
  await sleepFor(2_000); // it has work too
  const burst = await load.stop();
  tell(`end of the load: ${told(burst)}`);

  const light = startLoad({ ...plan, callers: 2, textsPerRequest: 1, pauseMs: 250 });
  await untilReady(2, 150_000);
  await sleepFor(3_000);
  const trickle = await light.stop();
  tell(`back at two, with two callers meanwhile: ${told(trickle)}`);

  await removeStack();
  await waitFor(
    async () => (await leftOfStack()).length === 0,
    60_000,
    () => 'the stack does not go',
  );
  tell('the stack is down');
  await scalings.end();
  for (const [name, program] of Object.entries({ scaler, gateway })) {
    tell(`${name} ended with ${await program.stop()}`);
  }
  programs.splice(0);
  const failed = { ...burst.failures, ...trickle.failures };
  if (Object.keys(failed).length > 0) process.stderr.write(gateway.text() + scaler.text());
  const end = { leftOfStack: await leftOfStack(), leftOfRig: ours ? await endRig(outside) : undefined };
  if (ours) tell(`the Swarm is gone; left behind: ${end.leftOfRig?.join(', ') || 'nothing'}`);
  return {
    first,
    ready,
    burst,
    trickle,
    killed,
    idsAfterKill,
    scalings: scalings.lines,
    memoryPercent,
    ...end,
  };
}

const ONNX_BINDING = join(
  REPOSITORY,
  `packages/local-backend/node_modules/onnxruntime-node/bin/napi-v6/linux/${process.arch}/onnxruntime_binding.node`,
);

function teller(): (text: string) => void {
  const fromMs = Date.now();
  return (text) => {
    process.stdout.write(`${((Date.now() - fromMs) / 1_000).toFixed(1).padStart(6)} s  ${text}\n`);
  };
}

/** The gateway, which finds replicas at the scaler, and the scaler, which reads the gateway. */
async function startPrograms(folder: string, programs: Program[]) {
  const [gatewayPort, scalerPort] = [await freePort(), await freePort()];
  const gatewayUrl = `http://127.0.0.1:${gatewayPort}`;
  const scalerUrl = `http://127.0.0.1:${scalerPort}`;
  const common = { HOME: folder, HOST: '127.0.0.1' };
  const gateway = await startProgram(
    ['packages/gateway/src/main.ts'],
    { ...common, PORT: String(gatewayPort), BACKENDS_URL: `${scalerUrl}/v1/backends`, LOG_LEVEL: 'warn' },
    /listens on/,
  );
  programs.push(gateway);
  const scaler = await startProgram(
    ['packages/scaler/src/main.ts', '--config', fileURLToPath(new URL('scaler.yaml', import.meta.url))],
    {
      ...common,
      ...engineEnv(),
      SCALER_DRIVER: 'swarm',
      SCALER_PORT: String(scalerPort),
      SCALER_STATE: join(folder, 'scaler.db'),
      GATEWAY_URL: gatewayUrl,
    },
    /listens on/,
  );
  programs.push(scaler);
  return { gateway, scaler, gatewayUrl, scalerUrl };
}

async function embed(url: string, text: string): Promise<Course['first']> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ inputs: text }),
  });
  return { status: response.status, vector: (await response.json()) as readonly number[] }; // compared above
}

async function memoryOf(scalerUrl: string): Promise<number> {
  const response = await fetch(`${scalerUrl}/scaling/status`);
  const { metrics } = (await response.json()) as { metrics: Readonly<Record<string, number | null>> }; // its contract
  return metrics.memory_percent ?? Number.NaN;
}

async function namesOfTasks(): Promise<string> {
  return (await shownTasks()).map(({ name }) => name).join(', ');
}

function told({ requests, texts, failures, slowestMs }: LoadCounts): string {
  const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
  return `${failed} failed of ${requests} requests, ${texts} texts embedded, the slowest answer took ${(slowestMs / 1_000).toFixed(1)} s`;
}

async function endRig(outside: readonly string[]): Promise<readonly string[]> {
  const { folder } = enginePaths();
  await swarmRig.stop();
  return leftOvers(folder, outside);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a pipe
  server.close();
  await once(server, 'close');
  return port;
}
