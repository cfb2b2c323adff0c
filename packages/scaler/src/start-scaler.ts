import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, realpathSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { AlarmWatch } from './alarms/alarm-watch.ts';
import { alarmsOf, notifiersOf } from './alarms-of.ts';
import { makeApp } from './app.ts';
import type { Clock } from './clock.ts';
import { collectedSignals } from './collected-signals.ts';
import { isLoopback } from './config/is-loopback.ts';
import type { ScalerConfig } from './config/scaler-config.ts';
import type { DriverEvent } from './drivers/driver.ts';
import { makeDriver } from './drivers/make-driver.ts';
import { ProcessDriver, type ProcessDriverEvent } from './drivers/process-driver.ts';
import { createListener } from './listener.ts';
import { LiveDrivers } from './live-drivers.ts';
import { LiveGroups } from './live-groups.ts';
import type { Logger } from './log.ts';
import { scalerMetrics } from './metrics.ts';
import { type QueueNotices, queueNotices } from './queue-notices.ts';
import type { Random } from './random.ts';
import { type DrivenGroup, Scaler } from './reconcile/scaler.ts';
import type { ScalerEvent } from './reconcile/scaler-event.ts';
import { openSqliteStore } from './store/sqlite-store.ts';
import type { Store } from './store/store.ts';
import type { Decision } from './values/decision.ts';
import { watchEvents } from './watch-events.ts';

export interface StartParts {
  readonly config: ScalerConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whose hands and eyes it has. @default the drivers that groups name */
  readonly driverFor?: typeof makeDriver;
  /** Hears of everything in the loop, after log, metrics and alarms. @default nobody */
  readonly onEvent?: (event: ScalerEvent) => void;
}

/** A scaler that listens and ticks. */
export interface RunningScaler {
  readonly url: string;
  /** Ends the loop and the listener; local processes stay or are ended as `onStop` says. */
  stop(): Promise<void>;
}

/** Longest wait for replicas to end when the scaler is told to stop with `onStop: end`. */
const END_ALL_MS = 20_000;

/**
 * Starts the whole scaler.
 *
 * @throws ScalerError when the state can't be opened or a driver's options can't be used; what `listen` throws when the address is taken
 */
export async function startScaler({
  config,
  clock,
  random,
  log,
  env,
  driverFor = makeDriver,
  onEvent: tell = () => undefined,
}: StartParts): Promise<RunningScaler> {
  const store = openSqliteStore(config.state);
  const { pool, stateDir } = placeOfReplicas(config);
  const onEvent = (event: ProcessDriverEvent | DriverEvent) => {
    logDriverEvent(log, event);
    // One that ended by itself is missed now, not at the next tick.
    if (event.kind === 'exited') scaler.wake();
  };
  const drivers = new LiveDrivers(
    (group) => driverFor(group, { pool, stateDir, env, clock, onEvent }),
    (err) => log.error({ err }, 'a driver whose options changed could not be closed'),
  );
  const groups = new LiveGroups(config, store, log, (group) => drivers.check(group));
  const driven = (): readonly DrivenGroup[] =>
    groups.current().map((settings) => ({ settings, driver: drivers.of(settings) }));
  const metrics = scalerMetrics();
  const alarms = alarmsOf(config);
  const notifiers = notifiersOf(alarms, log, clock);
  const pids = () =>
    new Map(
      config.groups.flatMap(({ name }) => {
        const driver = drivers.find(name);
        return driver instanceof ProcessDriver ? [...driver.pids] : [];
      }),
    );
  const latest = new Map<string, Decision>();
  const watch = watchEvents({
    log,
    metrics,
    alarms: new AlarmWatch(alarms, clock.nowMs()),
    notifierOf: (alarm) => notifiers.get(alarm),
  });
  const signals = collectedSignals(config, clock, pids, env);
  const scaler: Scaler = new Scaler({
    groups: driven,
    store,
    signals,
    clock,
    random,
    dryRun: config.dryRun,
    holder: `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
    emit: (event) => {
      if (event.kind === 'decided') latest.set(event.decision.group, event.decision);
      // What another decides stands in the store.
      if (event.kind === 'leading') latest.clear();
      watch(event);
      tell(event);
    },
  });
  const server = createListener(
    makeApp({
      store,
      groups: () => groups.current(),
      driverOf: (group) => drivers.find(group)?.name ?? '',
      lastDecision: (group) => latest.get(group),
      dryRun: config.dryRun,
      clock,
      metrics,
      log,
      wake: () => scaler.wake(),
      ready: () => scaler.ready,
      applyOverride: (override) => groups.apply(override),
      access: {
        onLoopback: isLoopback(config.host),
        adminKey: config.forebayAdminKey,
        backendsToken: config.backendsToken,
        hostsToken: config.hostsToken,
        allowedHosts: config.allowedHosts,
      },
    }),
  );
  try {
    // Better said now than at every tick.
    for (const { settings } of driven()) store.load(settings.name);
    warnOfOthers(store, config, log);
    server.listen(config.port, config.host);
    await once(server, 'listening');
  } catch (error) {
    store.close();
    throw error;
  }
  const stopping = new AbortController();
  const notices: QueueNotices = queueNotices(config, {
    store,
    metrics,
    clock,
    random,
    log,
    wake: () => scaler.wake(),
  });
  const loop = Promise.all([scaler.run(stopping.signal), notices.run(stopping.signal)]);
  return {
    url: urlOf(config.host, (server.address() as AddressInfo).port), // it listens on a port, not on a pipe
    async stop() {
      stopping.abort();
      await loop;
      // Those of a leader are not a stand-by's to end, and a dry run ends nothing.
      const ends = config.onStop === 'end' && !config.dryRun && scaler.leading;
      if (ends) {
        await endAll(drivers.all);
        // Else the next start would take them for lost, and launch as many.
        for (const { name } of config.groups) store.forget(name);
      }
      await Promise.all([signals.close(), drivers.close()]);
      await Promise.all([...new Set(notifiers.values())].map((notifier) => notifier.close()));
      server.closeAllConnections();
      server.close();
      store.close();
    },
  };
}

/** Replicas belong to a state, which is open by now: whoever opens it again takes them over. Without a file they belong to the port. */
function placeOfReplicas({ state, port }: ScalerConfig): {
  readonly pool: string;
  readonly stateDir: string;
} {
  if (state === ':memory:') {
    const pool = `memory-${process.getuid?.() ?? 'user'}-${port}`;
    return { pool, stateDir: mkdtempSync(join(tmpdir(), 'forebay-scaler-')) };
  }
  // The one name of the file, by whatever links it was reached: two names would be two pools, and replicas of the other orphans.
  const path = realpathSync(state);
  return { pool: path, stateDir: `${path}.replicas` };
}

/** Replicas of a group that was taken out of the configuration run on, and nobody scales them or tells gateways of them. */
function warnOfOthers(store: Store, { groups }: ScalerConfig, log: Logger): void {
  const configured = new Set(groups.map(({ name }) => name));
  for (const name of store.groupNames()) {
    const ids = configured.has(name) ? [] : store.load(name).replicas.map(({ id }) => id);
    if (ids.length === 0) continue;
    const message = `group ${name} is no longer configured, and ${ids.length} replica(s) of it may still run: configure it until they are scaled in, or end them`;
    log.warn({ group: name, ids }, message);
  }
}

async function endAll(drivers: readonly object[]): Promise<void> {
  // Any of them ends the whole pool.
  const driver = drivers.find((each) => each instanceof ProcessDriver);
  await driver?.endAll(AbortSignal.timeout(END_ALL_MS));
}

function logDriverEvent(log: Logger, event: ProcessDriverEvent | DriverEvent): void {
  if (event.kind === 'warned') {
    log.warn({ group: event.group }, event.message);
  } else if (event.kind === 'launched') {
    log.info({ id: event.id, pid: event.pid, logFile: event.logFile }, `launched ${event.id}`);
  } else if (event.kind === 'exited') {
    const orderly = / exit code 0$/.test(event.how);
    log[orderly ? 'info' : 'warn'](
      { id: event.id, lastLines: event.lastLines },
      `${event.id} ended ${event.how}`,
    );
  } else {
    log.error({ err: event.error }, 'a local process could not be ended');
  }
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
