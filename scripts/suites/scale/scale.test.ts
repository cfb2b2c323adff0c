import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BurstResult, burst, failureCount } from '../../../bench/burst/burst.ts';
import { ChildProcesses } from '../../../bench/child-processes.ts';
import { startBackend } from '../../../bench/programs.ts';
import { type StartedProgram, startProgram } from './started-program.ts';
import { type Counts, stretches, watchScaler } from './watch-scaler.ts';

// One run of the whole: nothing, a request, a burst in which a replica dies, nothing. The tests are about what was seen of it.

const QUICK = fileURLToPath(new URL('../../../examples/scaler/quick.yaml', import.meta.url));
const MODEL_PATH = '/predictions/all-MiniLM-L6-v2';
const BURST = { connections: 32, chunksPerRequest: 8, seconds: 40 };

/** Arrivals count for 60 s, then come the windows of quick.yaml, the drain, and what a busy machine takes. */
const BACK_TO_ZERO_MS = 120_000;

interface Run {
  readonly first: { readonly status: number; readonly vector: readonly number[]; readonly seconds: number };
  readonly burst: BurstResult;
  /** `/scaling/decision` with the first replica, in the burst, and at the end. */
  readonly decisions: readonly Decision[];
  readonly counts: readonly Counts[];
  readonly killed: number;
  readonly secondsToZero: number;
  readonly exitCode: number | null;
  readonly text: string;
  readonly replicaPids: readonly number[];
}

interface Decision {
  readonly reason: string;
  readonly target_instances: number;
  readonly votes: readonly { readonly policy: string; readonly because: string }[];
}

const stateFolder = mkdtempSync(join(tmpdir(), 'forebay-scale-'));
let program: StartedProgram | undefined;
let run: Run;

beforeAll(async () => {
  await fetchModel();
  const started = await startProgram(QUICK, stateFolder);
  program = started;
  run = await wholeRun(started).catch((error: unknown) => {
    process.stderr.write(started.text()); // what it said is gone with the folder
    throw error;
  });
});

afterAll(async () => {
  await program?.kill();
  rmSync(stateFolder, { recursive: true, force: true });
});

it('holds the first request to nothing and answers it right', () => {
  const { status, vector, seconds } = run.first;
  expect(status).toBe(200);
  expect(vector).toHaveLength(384);
  expect(Math.hypot(...vector)).toBeCloseTo(1, 3);
  expect(seconds).toBeLessThan(20);
});

it('goes from none to one to two under the burst, and back to none', () => {
  const desired = stretches(run.counts.map((counts) => counts.desired));
  expect(desired.slice(0, 3)).toEqual([0, 1, 2]);
  expect(desired.at(-1)).toBe(0);
  expect(Math.max(...run.counts.map(({ ready }) => ready))).toBe(2);
  expect(run.secondsToZero).toBeLessThan(BACK_TO_ZERO_MS / 1_000);
});

it('fails no request, though a replica dies in the burst', () => {
  expect(run.burst.failures).toEqual({});
  expect(run.burst.latenciesMs).toHaveLength(run.burst.requests);
  expect(run.burst.requests).toBeGreaterThan(BURST.connections);
});

it('puts another one in the place of the one that died', () => {
  expect(run.replicaPids.indexOf(run.killed)).toBeGreaterThanOrEqual(0);
  expect(run.replicaPids.length).toBeGreaterThanOrEqual(3);
});

it('says why in its log and over its API', () => {
  expect(run.text).toContain('"msg":"Scaling from 0 to 1 instances: Scaling up based on queued-work: ');
  expect(run.text).toContain('"msg":"Scaling from 1 to 2 instances: Scaling up based on queued-work: ');
  expect(run.text).toMatch(/"msg":"Scaling from [12] to 0 instances: Scaling down based on queued-work: /);
  expect(run.decisions.map(({ target_instances }) => target_instances)).toEqual([1, 2, 0]);
  for (const { reason, votes } of run.decisions) {
    expect(reason).toMatch(/^(Scaling (up|down) based on|No change at \d:) ?\S+/);
    expect(votes).toEqual([expect.objectContaining({ policy: 'queued-work' })]);
  }
});

it('ends everything on SIGTERM', () => {
  expect(run.exitCode).toBe(0);
  expect(run.replicaPids.filter(isRunning)).toEqual([]);
});

async function wholeRun(started: StartedProgram): Promise<Run> {
  const { gatewayUrl, scalerUrl } = started;
  const watch = watchScaler(scalerUrl);
  const decision = async () => (await (await fetch(`${scalerUrl}/scaling/decision`)).json()) as Decision; // compared below
  await watch.until(({ desired }) => desired === 0, 5_000);
  const first = await ask(gatewayUrl);
  const decisions = [await decision()];
  const bursting = burst({ ...BURST, djlUrl: `${gatewayUrl}${MODEL_PATH}` });
  await watch.until(({ ready }) => ready === 2, BURST.seconds * 1_000);
  decisions.push(await decision());
  await sleepFor(2_000); // both have work
  const killed = started.replicaPids()[0] ?? Number.NaN;
  process.kill(killed, 'SIGKILL');
  const result = await bursting;
  const endMs = Date.now();
  const zero = await watch.until(({ current, draining }) => current + draining === 0, BACK_TO_ZERO_MS);
  decisions.push(await decision());
  await watch.close();
  const exitCode = await started.stop();
  if (failureCount(result) > 0 || exitCode !== 0) process.stderr.write(started.text());
  return {
    first,
    burst: result,
    decisions,
    counts: watch.seen,
    killed,
    secondsToZero: (zero.atMs - endMs) / 1_000,
    exitCode,
    text: started.text(),
    replicaPids: started.replicaPids(),
  };
}

async function ask(gatewayUrl: string): Promise<Run['first']> {
  const fromMs = performance.now();
  const response = await fetch(`${gatewayUrl}${MODEL_PATH}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"inputs":"The first one waits."}',
  });
  const vector = (await response.json()) as readonly number[]; // compared above
  return { status: response.status, vector, seconds: (performance.now() - fromMs) / 1_000 };
}

/** On a fresh machine the model comes first: that takes minutes, and is none of what is tested here. */
async function fetchModel(): Promise<void> {
  const processes = new ChildProcesses();
  await startBackend(processes, { kind: 'local', class: 'cpu' }).finally(() => processes.endAll());
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // ESRCH: there is none
  }
}
