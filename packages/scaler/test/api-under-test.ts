import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { ManualClock } from '@forebay/testing';
import type { AccessRules } from '../src/admission/authorize.ts';
import { type AppParts, makeApp } from '../src/app.ts';
import { createListener } from '../src/listener.ts';
import { makeLogger } from '../src/log.ts';
import { type ScalerMetrics, scalerMetrics } from '../src/metrics.ts';
import { openSqliteStore } from '../src/store/sqlite-store.ts';
import type { Store, StoredReplica } from '../src/store/store.ts';
import type { Decision } from '../src/values/decision.ts';
import type { GroupSettings } from '../src/values/group-settings.ts';
import { type Exchange, type ExchangeOptions, exchange } from './exchange.ts';

/** 2027-01-15T08:00:00.000Z */
export const NOW_MS = 1_800_000_000_000;

/** A group of the defaults; the arguments are what a test is about. */
export function group(over: Partial<GroupSettings> = {}): GroupSettings {
  return {
    name: 'default',
    class: 'cpu',
    enabled: true,
    min: 2,
    initial: 2,
    max: 10,
    intervalSeconds: 5,
    policies: [
      {
        type: 'threshold',
        name: 'cpu-based-scaling',
        weight: 1,
        signal: 'cpu_percent',
        above: 70,
        outFactor: 1.5,
        below: 35,
        inFactor: 0.7,
      },
    ],
    combine: 'max',
    stabilizationSeconds: { out: 0, in: 300 },
    steepFall: { part: 0, seconds: 300 },
    flapping: { growth: 1, withinSeconds: 1_200, longestSeconds: 1_200 },
    cooldownSeconds: { out: 0, in: 300 },
    velocity: {
      out: { rules: [{ type: 'percent', value: 100, periodSeconds: 60 }], select: 'max' },
      in: { rules: [], select: 'max' },
    },
    startup: { expectedSeconds: 60, timeoutSeconds: 600 },
    drainSeconds: 60,
    unhealthySeconds: 43_200,
    staleAfterSeconds: 60,
    chunksPerSecond: 10,
    pricePerHour: 0.1,
    ...over,
  };
}

export function decision(over: Partial<Decision> = {}): Decision {
  return {
    group: 'default',
    decidedAtMs: NOW_MS,
    current: 2,
    target: 3,
    ready: 2,
    starting: 1,
    draining: 0,
    signals: {
      cpu_percent: { kind: 'value', value: 93.5, ageSeconds: 2 },
      memory_percent: { kind: 'missing', reason: 'no answer', ageSeconds: 5 },
    },
    votes: [
      {
        vote: {
          kind: 'wants',
          policy: 'cpu-based-scaling',
          replicas: 3,
          order: 3,
          tolerance: { out: 0, in: 0 },
          because: '93.5 is above 70',
          figures: { value: 93.5, above: 70, below: 35 },
        },
        target: 3,
      },
      {
        vote: { kind: 'abstains', policy: 'memory', because: 'no answer', lostSignal: true },
        target: 2,
      },
    ],
    wanted: 3,
    limits: [{ name: 'cooldown-in', from: 1, to: 2, because: 'scaled 5 s ago', untilMs: NOW_MS + 60_000 }],
    reason: 'Scaling up based on cpu-based-scaling',
    dryRun: false,
    ...over,
  };
}

export function replica(id: string, over: Partial<StoredReplica> = {}): StoredReplica {
  return {
    id,
    group: 'default',
    url: `http://127.0.0.1:9000/predictions/${id}`,
    launchedAtMs: NOW_MS,
    state: { kind: 'ready', readyAtMs: NOW_MS },
    ...over,
  };
}

export interface ApiUnderTest extends AsyncDisposable {
  readonly origin: string;
  readonly store: Store;
  readonly clock: ManualClock;
  readonly metrics: ScalerMetrics;
  /** How often it asked for a tick. */
  readonly wakes: () => number;
  /** Lines of the log. */
  readonly lines: readonly string[];
  commit(decision: Decision, replicas?: readonly StoredReplica[]): void;
  call(path: string, options?: ExchangeOptions): Promise<Exchange>;
}

/** The API over a socket on port 0, with a store in memory; open on loopback unless `access` says otherwise. */
export async function startApi(
  over: Partial<Omit<AppParts, 'access'>> & { readonly access?: Partial<AccessRules> } = {},
): Promise<ApiUnderTest> {
  const store = over.store ?? openSqliteStore(':memory:');
  const clock = new ManualClock(NOW_MS);
  const metrics = scalerMetrics();
  const lines: string[] = [];
  let wakes = 0;
  const groups = over.groups ?? (() => [group()]);
  const app = makeApp({
    groups,
    driverOf: () => 'process',
    lastDecision: () => undefined,
    dryRun: false,
    metrics,
    clock,
    ready: () => true,
    wake: () => {
      wakes += 1;
    },
    applyOverride: () => ({ kind: 'applied', groups: groups() }),
    log: makeLogger('debug', { write: (line) => void lines.push(line) }),
    ...over,
    store,
    access: {
      onLoopback: true,
      adminKey: undefined,
      backendsToken: undefined,
      hostsToken: undefined,
      allowedHosts: ['localhost', '127.0.0.1', '[::1]'],
      ...over.access,
    },
  });
  const server = createListener(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // It listens on a port, not on a pipe.
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const lease = store.acquireLease('test', NOW_MS, 15_000);
  return {
    origin,
    store,
    clock,
    metrics,
    wakes: () => wakes,
    lines,
    commit(decided, replicas = []) {
      if (lease.kind !== 'held') throw new Error('the store is leased to another');
      const desired = decided.dryRun ? decided.current : decided.target;
      store.commit(lease.epoch, { decision: decided, desired, replicas, startups: [] });
    },
    call: (path, options) => exchange(`${origin}${path}`, options),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      store.close();
    },
  };
}
