// A scaler for tests that dies at one step of a plan: the real loop, store file and process driver on a script of orders by hand. JOB says what to do;
// without `kill` it comes to rest, ends by itself and prints what it did. See kill-plans.ts.
import { systemClock } from '../../src/clock.ts';
import type { Driver } from '../../src/drivers/driver.ts';
import { systemProcessTable } from '../../src/drivers/process/system-process-table.ts';
import { ProcessDriver } from '../../src/drivers/process-driver.ts';
import { Scaler } from '../../src/reconcile/scaler.ts';
import { openSqliteStore } from '../../src/store/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { driverOptions, GROUP, type KillJob, ledgerOf, settingsOf } from '../kill-plans.ts';

/** The last calls of the table come this many ticks after its first ones. */
const LAST_TICKS = 6;

/** A scaler that is broken must not take the machine with it. */
const MOST_LAUNCHES = 12;

const job = JSON.parse(process.env.JOB ?? '') as KillJob; // as kill-run.ts wrote it
const settings = settingsOf(job.plan);
const counts = new Map<string, number>();
const trace: string[] = [];
let planned = false;
let armed = false;
let ticks = 0;
let tickMs = systemClock.nowMs();
let sawFailed = false;
let launched = 0;

/** Counts calls from the moment that the plan begins, and dies at the one that the job names. */
function step(name: string, when: 'before' | 'after'): void {
  if (!armed) return;
  if (when === 'before') counts.set(name, (counts.get(name) ?? 0) + 1);
  const nth = counts.get(name);
  trace.push(`${when} ${name} ${nth}`);
  const { kill } = job;
  if (kill && kill.name === name && kill.when === when && kill.nth === nth)
    process.kill(process.pid, job.signal);
}

const real = openSqliteStore(`${job.dir}/state.db`);
const store = new Proxy<Store>(real, {
  get(target, name) {
    const value: unknown = Reflect.get(target, name);
    if (typeof value !== 'function') return value;
    return (...args: unknown[]) => {
      if (name === 'acquireLease') args[2] = job.leaseMs;
      step(String(name), 'before');
      const result: unknown = value.apply(target, args);
      step(String(name), 'after');
      return result;
    };
  },
});

const table = systemProcessTable(systemClock);
const processes = new ProcessDriver({
  ...driverOptions(job),
  env: process.env,
  // Read once before each launch, and once before and once after a process is told to end.
  clock: {
    ...systemClock,
    nowMs() {
      step('driver clock', 'before');
      return systemClock.nowMs();
    },
  },
  // Looked at between the record of an end and its signal.
  table: {
    ...table,
    find(pid) {
      step('driver look', 'before');
      return table.find(pid);
    },
  },
  onEvent({ kind }) {
    if (kind !== 'launched') return;
    launched += 1;
    if (launched > MOST_LAUNCHES) process.exit(2);
    step('launched', 'before');
  },
  ping: async (healthUrl) =>
    ledgerOf(job.dir).some(({ port, mode }) => mode === 'up' && healthUrl.includes(`:${port}/`)),
});
const driver: Driver = {
  name: 'process',
  namesReplicas: true,
  choosesRemoved: true,
  strangers: 'adopt',
  listGraceSeconds: 0,
  leastTickSeconds: 0,
  async list(group, signal) {
    step('list', 'before');
    const listed = await processes.list(group, signal);
    sawFailed ||= listed.some(({ state }) => state === 'failed');
    step('list', 'after');
    if (job.plan.begins === 'failed') armed ||= sawFailed;
    return listed;
  },
  async scale(order, signal) {
    step('scale', 'before');
    await processes.scale(order, signal);
    step('scale', 'after');
  },
  close: () => processes.close(),
};

const scaler = new Scaler({
  // Asked at the beginning of each tick.
  groups() {
    ticks += 1;
    tickMs = systemClock.nowMs();
    arm();
    return [{ settings, driver }];
  },
  store,
  signals: {
    read: async () => ({ samplesFor: () => ({}), inFlight: () => 0, isEmpty: () => job.plan.empties }),
  },
  // Stands still within a tick where the test waits for what is overdue: the tick must see the same.
  clock: job.plan.begins === 'overdue' ? { ...systemClock, nowMs: () => tickMs } : systemClock,
  random: Math.random,
  dryRun: false,
  holder: job.holder,
  emit(event) {
    if (event.kind === 'leading') process.stderr.write(event.leading ? 'acts\n' : 'stands by\n');
    if (event.kind === 'tick-failed') process.stderr.write(`${event.error.message}\n`);
  },
});

/** The plan begins with a tick: the first one after its last order, or the one whose moment has come. */
function arm(): void {
  if (armed || !planned) return;
  const { begins } = job.plan;
  const { replicas } = real.load(GROUP);
  armed =
    begins === 'ordered' ||
    (begins === 'overdue' &&
      replicas.some(
        ({ state, launchedAtMs }) =>
          state.kind === 'launching' && tickMs - launchedAtMs > settings.startup.timeoutSeconds * 1_000,
      ));
}

const stop = new AbortController();
const loops: Promise<void>[] = [];
for (const [index, target] of job.orders.entries()) {
  real.setManual(GROUP, { target, reason: 'test', untilMs: systemClock.nowMs() + 3_600_000 });
  planned = index === job.orders.length - 1;
  if (index === 0) loops.push(scaler.run(stop.signal));
  await untilStill(target, planned ? LAST_TICKS : 1);
}
process.stderr.write('is still\n');
if (job.stays) await systemClock.sleep(300_000);
stop.abort();
await Promise.all(loops);
await driver.close();
real.close();
process.stdout.write(JSON.stringify(trace));

/** What is wanted is there, all of it up, for so many ticks, and nothing is on its way in or out but what drains for good. */
async function untilStill(target: number, forTicks: number): Promise<void> {
  for (let sinceTick = ticks; ticks < sinceTick + forTicks; ) {
    await systemClock.sleep(settings.intervalSeconds * 1_000);
    const { desired, replicas } = real.load(GROUP);
    const active = replicas.filter(({ state }) => state.kind === 'ready');
    const drains = replicas.filter(({ state }) => state.kind === 'draining');
    const rest = replicas.length - active.length - (job.plan.empties ? 0 : drains.length);
    if (desired !== target || active.length !== target || rest !== 0) sinceTick = ticks;
  }
}
