import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../src/clock.ts';
import { fromVariables } from '../src/drivers/process/replica-markers.ts';
import { systemProcessTable } from '../src/drivers/process/system-process-table.ts';
import { ProcessDriver } from '../src/drivers/process-driver.ts';
import { openSqliteStore } from '../src/store/sqlite-store.ts';
import { driverOptions, GROUP, type KillJob, type KillPlan, type KillPoint, ledgerOf } from './kill-plans.ts';
import { eventually } from './scaler-site.ts';

const PROGRAM = fileURLToPath(new URL('programs/killable-scaler.ts', import.meta.url));

/** What is to be seen from outside when a scaler has come to rest. */
export interface Outcome {
  readonly desired: number | undefined;
  /** Ids of living processes, one for each, and those of rows; both in order. */
  readonly alive: readonly string[];
  readonly rows: readonly string[];
  readonly states: readonly string[];
  readonly launchedIds: readonly string[];
  /** Ids that were launched again while their first process lived. */
  readonly doubled: readonly string[];
}

/** Kills a scaler at a point of a plan, lets the next one come to rest on the same state and tells what came of it. */
export async function killedAt(plan: KillPlan, kill: KillPoint): Promise<Outcome> {
  const dir = await mkdtemp(join(tmpdir(), 'forebay-kill-'));
  try {
    const first = await runScaler({ dir, holder: 'first', plan, orders: plan.orders, kill });
    if (first.signal !== 'SIGKILL') throw new Error(`it was not killed but ended: ${first.text}`);
    const launchedBefore = ledgerOf(dir);
    const aliveBefore = new Set((await living(dir)).map(({ pid }) => pid));
    const next = await runScaler({ dir, holder: 'next', plan, orders: plan.orders.slice(-1) });
    if (next.code !== 0)
      throw new Error(`the next scaler ended with ${next.code ?? next.signal}: ${next.text}`);
    const again = ledgerOf(dir)
      .slice(launchedBefore.length)
      .map(({ id }) => id);
    const doubled = launchedBefore.filter(({ id, pid }) => aliveBefore.has(pid) && again.includes(id));
    return { ...(await outcomeOf(dir)), doubled: doubled.map(({ id }) => id) };
  } finally {
    await clean(dir, plan);
  }
}

/** A plan that nobody disturbs, and the calls that it makes. */
export async function undisturbed(
  plan: KillPlan,
): Promise<{ readonly outcome: Outcome; readonly trace: readonly string[] }> {
  const dir = await mkdtemp(join(tmpdir(), 'forebay-kill-'));
  try {
    const { code, text } = await runScaler({ dir, holder: 'only', plan, orders: plan.orders });
    if (code !== 0) throw new Error(`it ended with ${code}: ${text}`);
    return {
      outcome: { ...(await outcomeOf(dir)), doubled: [] },
      trace: JSON.parse(text.slice(text.indexOf('['))),
    };
  } finally {
    await clean(dir, plan);
  }
}

/** What came of a scaler that stood still at a point for longer than the lease, while the next one took over. */
export interface StoodStill {
  readonly outcome: Outcome;
  /** Processes that it launched after it went on. */
  readonly launchedLate: readonly string[];
}

/**
 * Lets a scaler stand still at a point of a plan until the next one, which has the order `target`, has its lease; then it goes on, and both
 * tick until all is still.
 */
export async function stoppedAt(plan: KillPlan, kill: KillPoint, target: number): Promise<StoodStill> {
  const dir = await mkdtemp(join(tmpdir(), 'forebay-stop-'));
  const scalers: ReturnType<typeof startScaler>[] = [];
  try {
    const job = { dir, plan, leaseMs: REAL_LEASE_MS, signal: 'SIGSTOP', stays: true } as const;
    const first = startScaler({ ...job, holder: 'first', orders: plan.orders, kill });
    scalers.push(first);
    await eventually(
      () => readFileSync(`/proc/${first.pid}/stat`, 'utf8'),
      (stat) => stat.includes(') T '),
    );
    const next = startScaler({ ...job, holder: 'next', orders: [target] });
    scalers.push(next);
    await eventually(
      () => next.said(),
      (said) => said.includes('acts'),
    );
    await systemClock.sleep(1_000);
    const before = ledgerOf(dir).length;
    process.kill(first.pid, 'SIGCONT');
    await systemClock.sleep(GOING_ON_MS);
    const outcome = await eventually(
      () => outcomeOf(dir),
      ({ desired, states, alive, rows }) =>
        desired === target && `${states}` === 'ready' && `${alive}` === `${rows}`,
    );
    const late = ledgerOf(dir).slice(before);
    return {
      outcome: { ...outcome, doubled: [] },
      launchedLate: late.filter(({ launcher }) => launcher === first.pid).map(({ id }) => id),
    };
  } finally {
    for (const { pid, ended } of scalers) {
      process.kill(pid, 'SIGKILL');
      await ended;
    }
    await clean(dir, plan);
  }
}

/** As `Scaler` takes it. */
const REAL_LEASE_MS = 20_000;

/** Many ticks. */
const GOING_ON_MS = 2_000;

async function runScaler(job: Omit<KillJob, 'signal' | 'leaseMs' | 'stays'>) {
  const { ended, said } = startScaler({ ...job, signal: 'SIGKILL', leaseMs: 300, stays: false });
  return { ...(await ended), text: said() };
}

function startScaler({ plan: { begins, empties, first }, ...job }: KillJob) {
  const env = {
    PATH: process.env.PATH,
    JOB: JSON.stringify({ ...job, plan: { begins, empties, first } }),
  };
  const child = spawn(process.execPath, [PROGRAM], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 100_000,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (text += part));
  const ended = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null, // as node says it
    signal: signal as NodeJS.Signals | null,
  }));
  return { pid: child.pid ?? 0, said: () => text, ended };
}

async function living(dir: string) {
  const entries = await systemProcessTable(systemClock).read(AbortSignal.timeout(10_000));
  return entries.flatMap(({ pid, variables }) => {
    const markers = fromVariables(variables);
    return markers?.pool === dir ? [{ pid, id: markers.id }] : [];
  });
}

async function outcomeOf(dir: string): Promise<Omit<Outcome, 'doubled'>> {
  const store = openSqliteStore(`${dir}/state.db`);
  const { desired, replicas } = store.load(GROUP);
  store.close();
  return {
    desired,
    alive: (await living(dir)).map(({ id }) => id).toSorted(),
    rows: replicas.map(({ id }) => id).toSorted(),
    states: replicas.map(({ state }) => state.kind),
    launchedIds: ledgerOf(dir).map(({ id }) => id),
  };
}

async function clean(dir: string, plan: KillPlan): Promise<void> {
  const driver = new ProcessDriver({ ...driverOptions({ dir, plan }), env: {}, clock: systemClock });
  await driver.endAll(AbortSignal.abort());
  const left = await living(dir);
  await rm(dir, { recursive: true });
  if (left.length > 0) throw new Error(`processes are left: ${JSON.stringify(left)}`);
}
