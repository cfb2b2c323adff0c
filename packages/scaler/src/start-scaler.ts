import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { AlarmSettings } from './alarms/alarm.ts';
import { AlarmNotifier } from './alarms/alarm-notifier.ts';
import { AlarmWatch } from './alarms/alarm-watch.ts';
import { makeApp } from './app.ts';
import type { Clock } from './clock.ts';
import { collectedSignals } from './collected-signals.ts';
import { applyOverride, type Overridden } from './config/apply-override.ts';
import { isLoopback } from './config/is-loopback.ts';
import type { GroupConfig, ScalerConfig } from './config/scaler-config.ts';
import { makeDriver } from './drivers/make-driver.ts';
import { ProcessDriver, type ProcessDriverEvent } from './drivers/process-driver.ts';
import { createListener } from './listener.ts';
import type { Logger } from './log.ts';
import { scalerMetrics } from './metrics.ts';
import type { Random } from './random.ts';
import { type DrivenGroup, Scaler } from './reconcile/scaler.ts';
import { openSqliteStore } from './store/sqlite-store.ts';
import type { Store } from './store/store.ts';
import { watchEvents } from './watch-events.ts';

export interface StartParts {
  readonly config: ScalerConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly env: Readonly<Record<string, string | undefined>>;
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
export async function startScaler({ config, clock, random, log, env }: StartParts): Promise<RunningScaler> {
  const store = openSqliteStore(config.state);
  const { pool, stateDir } = placeOfReplicas(config);
  const drivers = new Map(
    config.groups.map((group) => [
      group.name,
      makeDriver(group, { pool, stateDir, env, clock, onEvent: (event) => logProcess(log, event) }),
    ]),
  );
  const groups = new LiveGroups(config, store, log);
  const driven = (): readonly DrivenGroup[] =>
    groups.current().flatMap((settings) => {
      const driver = drivers.get(settings.name);
      return driver === undefined ? [] : [{ settings, driver }];
    });
  const metrics = scalerMetrics();
  const notifiers = notifiersOf(config, log, clock);
  const pids = () =>
    new Map(
      config.groups.flatMap(({ name }) => {
        const driver = drivers.get(name);
        if (!(driver instanceof ProcessDriver)) return [];
        return store.load(name).replicas.flatMap(({ id }): [string, number][] => {
          const pid = driver.pidOf(id);
          return pid === undefined ? [] : [[id, pid]];
        });
      }),
    );
  const scaler = new Scaler({
    groups: driven,
    store,
    signals: collectedSignals(config, clock, pids),
    clock,
    random,
    dryRun: config.dryRun,
    holder: `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
    emit: watchEvents({
      log,
      metrics,
      alarms: new AlarmWatch(alarmsOf(config), clock.nowMs()),
      notifierOf: (alarm) => notifiers.get(alarm),
    }),
  });
  const server = createListener(
    makeApp({
      store,
      groups: () => groups.current(),
      driverOf: (group) => drivers.get(group)?.name ?? '',
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
        allowedHosts: config.allowedHosts,
      },
    }),
  );
  try {
    server.listen(config.port, config.host);
    await once(server, 'listening');
  } catch (error) {
    store.close();
    throw error;
  }
  const stopping = new AbortController();
  const loop = scaler.run(stopping.signal);
  return {
    url: urlOf(config.host, (server.address() as AddressInfo).port), // it listens on a port, not on a pipe
    async stop() {
      stopping.abort();
      await loop;
      if (config.onStop === 'end') await endAll([...drivers.values()]);
      await Promise.all([...drivers.values()].map((driver) => driver.close()));
      await Promise.all([...new Set(notifiers.values())].map((notifier) => notifier.close()));
      server.closeAllConnections();
      server.close();
      store.close();
    },
  };
}

/** The configured groups with what was changed over the API, by whichever scaler took it. */
class LiveGroups {
  readonly #config: ScalerConfig;
  readonly #store: Store;
  readonly #log: Logger;
  #override = 'undefined';
  #groups: readonly GroupConfig[];

  constructor(config: ScalerConfig, store: Store, log: Logger) {
    this.#config = config;
    this.#store = store;
    this.#log = log;
    this.#groups = config.groups;
  }

  current(): readonly GroupConfig[] {
    const override = this.#store.configOverride();
    const text = JSON.stringify(override) ?? 'undefined';
    if (text === this.#override) return this.#groups;
    const outcome = this.apply(override);
    this.#override = text;
    if (outcome.kind === 'refused') {
      const problems = outcome.problems.map(({ message }) => message).join('; ');
      this.#log.error(
        `what was changed over the API no longer fits the configuration and is left out: ${problems}`,
      );
      this.#groups = this.#config.groups;
    }
    return this.#groups;
  }

  apply(override: unknown): Overridden {
    const outcome = applyOverride(this.#config, override);
    if (outcome.kind === 'applied') this.#groups = outcome.groups;
    return outcome;
  }
}

/** Replicas belong to a state: whoever opens it again takes them over. Without a file they belong to the port. */
function placeOfReplicas({ state, port }: ScalerConfig): {
  readonly pool: string;
  readonly stateDir: string;
} {
  if (state === ':memory:') {
    const stateDir = join(tmpdir(), `forebay-scaler-${process.getuid?.() ?? 'user'}-${port}`);
    return { pool: stateDir, stateDir };
  }
  const path = resolve(state);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return { pool: path, stateDir: `${path}.replicas` };
}

function alarmsOf({ alarms, groups }: ScalerConfig): readonly AlarmSettings[] {
  return alarms.flatMap((alarm) => {
    const { name, signal, periods, periodSeconds } = alarm;
    const [comparison, threshold] =
      'above' in alarm ? (['above', alarm.above] as const) : (['below', alarm.below] as const);
    const of = alarm.group === undefined ? groups.map((group) => group.name) : [alarm.group];
    return of.map((group) => ({
      name: of.length === 1 ? name : `${name}-${group}`,
      group,
      signal,
      comparison,
      threshold,
      periods,
      periodSeconds,
    }));
  });
}

/** One for each webhook, so that a receiver which is down holds up no other. */
function notifiersOf(config: ScalerConfig, log: Logger, clock: Clock): ReadonlyMap<string, AlarmNotifier> {
  const byWebhook = new Map<string | undefined, AlarmNotifier>();
  return new Map(
    alarmsOf(config).map(({ name }) => {
      const webhookUrl = config.alarms.find(
        (alarm) => name === alarm.name || name.startsWith(`${alarm.name}-`),
      )?.webhook;
      const notifier = byWebhook.get(webhookUrl) ?? new AlarmNotifier({ webhookUrl, log, clock });
      byWebhook.set(webhookUrl, notifier);
      return [name, notifier];
    }),
  );
}

async function endAll(drivers: readonly object[]): Promise<void> {
  // Any of them ends the whole pool.
  const driver = drivers.find((each) => each instanceof ProcessDriver);
  await driver?.endAll(AbortSignal.timeout(END_ALL_MS));
}

function logProcess(log: Logger, event: ProcessDriverEvent): void {
  if (event.kind === 'launched') {
    log.info({ id: event.id, pid: event.pid, logFile: event.logFile }, `launched ${event.id}`);
  } else if (event.kind === 'exited') {
    log.warn({ id: event.id, lastLines: event.lastLines }, `${event.id} ended ${event.how}`);
  } else {
    log.error({ err: event.error }, 'a local process could not be ended');
  }
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
