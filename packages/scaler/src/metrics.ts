import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { COUNTED_STATES, type ReplicaCounts } from './records/replica-counts.ts';
import type { Startup } from './store/store.ts';
import type { Decision } from './values/decision.ts';
import { END_CAUSES, type EndCause } from './values/replica.ts';

/** What is told to Prometheus. Values go in, none comes back: no decision depends on a metric. */
export interface ScalerMetrics {
  /** A tick of one group is over. */
  observeDecision(decision: Decision): void;
  /** How many replicas of the group are in each state, and for how long, as of this tick. */
  observeReplicas(group: string, counts: ReplicaCounts): void;
  /** The end of a replica was ordered, or it has ended unasked (`lost`). */
  countEnded(group: string, because: EndedBecause): void;
  /** A call of a driver has ended; `outcome` is `ok` or the code of its `ScalerError`. */
  observeDriverCall(call: {
    readonly driver: string;
    readonly call: 'list' | 'scale' | 'measure';
    readonly outcome: string;
    readonly seconds: number;
  }): void;
  /** A replica answers for the first time. */
  observeStartup(startup: Startup): void;
  /** How long a start-up of the group is expected to take from now on. */
  learnStartup(group: string, seconds: number): void;
  setLeader(isLeader: boolean): void;
  /** Something was caught at the top of a loop; `where` names the loop. */
  countError(where: string): void;
  /** A message of a queue of notices was read; `outcome` says what became of it. */
  countNotice(outcome: string): void;
  setAlarm(alarm: string, state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'): void;
  /** Prometheus text. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>;
}

/** `lost`: unasked. */
export type EndedBecause = EndCause | 'lost';

const CALL_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const STARTUP_SECONDS = [1, 2.5, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1_200];
const ALARM_STATES = { OK: 0, ALARM: 1, INSUFFICIENT_DATA: 2 } as const;

/** Default metrics of Node whose names promtool refuses. */
const REFUSED_DEFAULTS = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** Registers every metric, in a registry of its own. */
export function scalerMetrics(): ScalerMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of REFUSED_DEFAULTS) registry.removeSingleMetric(name);
  const counters = countersOf(registry);
  const gauges = gaugesOf(registry);
  const refreshDecisions = decisionGauges(registry);
  const last = new Map<string, Decision>();
  gauges.leader.set(0);
  return {
    observeDecision(decision) {
      const { group, current, target } = decision;
      last.set(group, decision);
      counters.decisions.inc({ group, direction: directionOf(current, target) });
      for (const { name } of decision.limits) counters.limits.inc({ group, limit: name });
    },
    observeReplicas(group, counts) {
      for (const state of COUNTED_STATES) {
        gauges.replicas.set({ group, state }, counts[state].replicas);
        gauges.oldestReplica.set({ group, state }, counts[state].oldestSeconds);
      }
      // A series that begins with its first event has no increase.
      for (const because of [...END_CAUSES, 'lost']) counters.ended.inc({ group, because }, 0);
    },
    countEnded: (group, because) => counters.ended.inc({ group, because }),
    observeDriverCall({ driver, call, outcome, seconds }) {
      counters.driverCalls.inc({ driver, call, outcome });
      counters.driverSeconds.observe({ driver, call }, seconds);
    },
    observeStartup: ({ group, seconds }) => counters.startups.observe({ group }, seconds),
    learnStartup: (group, seconds) => gauges.expectedStartup.set({ group }, seconds),
    setLeader: (isLeader) => gauges.leader.set(isLeader ? 1 : 0),
    countError: (where) => counters.errors.inc({ where }),
    countNotice: (outcome) => counters.notices.inc({ outcome }),
    setAlarm: (alarm, state) => gauges.alarms.set({ alarm }, ALARM_STATES[state]),
    async render() {
      refreshDecisions([...last.values()]);
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}

function directionOf(current: number, target: number): 'out' | 'in' | 'none' {
  if (target === current) return 'none';
  return target > current ? 'out' : 'in';
}

function countersOf(registry: Registry) {
  const counter = (name: string, help: string, labelNames: readonly string[]) =>
    new Counter({ name, help, labelNames: [...labelNames], registers: [registry] });
  const histogram = (name: string, help: string, labelNames: readonly string[], buckets: number[]) =>
    new Histogram({ name, help, labelNames: [...labelNames], buckets, registers: [registry] });
  return {
    decisions: counter('forebay_scaler_decisions_total', 'Ticks by what was settled', ['group', 'direction']),
    limits: counter('forebay_scaler_limits_bound_total', 'Ticks at which a limit changed or held the count', [
      'group',
      'limit',
    ]),
    ended: counter(
      'forebay_scaler_replicas_ended_total',
      'Replicas that were ended, or ended by themselves',
      ['group', 'because'],
    ),
    driverCalls: counter('forebay_scaler_driver_calls_total', 'Calls of drivers by outcome', [
      'driver',
      'call',
      'outcome',
    ]),
    driverSeconds: histogram(
      'forebay_scaler_driver_call_duration_seconds',
      'Time that calls of drivers took',
      ['driver', 'call'],
      CALL_SECONDS,
    ),
    startups: histogram(
      'forebay_scaler_startup_seconds',
      'Time from launching a replica to its first answer',
      ['group'],
      STARTUP_SECONDS,
    ),
    notices: counter('forebay_scaler_notices_total', 'Messages of queues by what became of them', [
      'outcome',
    ]),
    errors: counter('forebay_scaler_errors_total', 'Faults caught at the top of a loop', ['where']),
  };
}

function gaugesOf(registry: Registry) {
  return {
    expectedStartup: gauge(registry, 'forebay_scaler_expected_startup_seconds', 'Learned start-up time', [
      'group',
    ]),
    replicas: gauge(registry, 'forebay_scaler_replicas', 'Replicas by state', ['group', 'state']),
    oldestReplica: gauge(
      registry,
      'forebay_scaler_replica_oldest_seconds',
      'Time that the longest in a state has been in it, 0 while none is',
      ['group', 'state'],
    ),
    leader: gauge(registry, 'forebay_scaler_leader', '1 while this scaler may act', []),
    alarms: gauge(registry, 'forebay_scaler_alarm_state', '0 OK, 1 ALARM, 2 INSUFFICIENT_DATA', ['alarm']),
  };
}

/** Gauges of the last decisions, written when they are asked for: what a decision no longer has is gone. */
function decisionGauges(registry: Registry): (decisions: readonly Decision[]) => void {
  const group = ['group'];
  const of = (name: string, help: string, labelNames: readonly string[]) =>
    gauge(registry, `forebay_scaler_${name}`, help, labelNames);
  const desired = of('desired_replicas', 'Replicas ordered', group);
  const ready = of('ready_replicas', 'Replicas that answer', group);
  const starting = of('starting_replicas', 'Replicas launched that don’t answer yet', group);
  const draining = of('draining_replicas', 'Replicas that finish and go', group);
  const decidedAt = of('last_decision_timestamp_seconds', 'When the last tick was, in Unix time', group);
  const wanted = of('wanted_replicas', 'What policies together ask for, before limits', group);
  const votes = of('policy_vote_replicas', 'What one policy asks for', ['group', 'policy']);
  const figures = of('policy_figure', 'What one policy computed on the way to its vote', [
    'group',
    'policy',
    'figure',
  ]);
  const values = of('signal_value', 'A signal as the last tick saw it', ['group', 'signal']);
  const ages = of('signal_age_seconds', 'How old it was', ['group', 'signal']);
  const fresh = of('signal_fresh', '1 while it is neither missing nor stale', ['group', 'signal']);
  const all = [desired, ready, starting, draining, decidedAt, wanted, votes, figures, values, ages, fresh];
  return (decisions) => {
    for (const each of all) each.reset();
    for (const decision of decisions) {
      const labels = { group: decision.group };
      desired.set(labels, decision.dryRun ? decision.current : decision.target);
      ready.set(labels, decision.ready);
      starting.set(labels, decision.starting);
      draining.set(labels, decision.draining);
      decidedAt.set(labels, decision.decidedAtMs / 1_000);
      wanted.set(labels, decision.wanted);
      for (const { vote } of decision.votes) {
        if (vote.kind !== 'wants') continue;
        const of = { ...labels, policy: vote.policy };
        votes.set(of, vote.replicas);
        for (const [figure, value] of Object.entries(vote.figures ?? {}))
          figures.set({ ...of, figure }, value);
      }
      for (const [signal, seen] of Object.entries(decision.signals)) {
        const of = { ...labels, signal };
        if (seen.kind !== 'missing') values.set(of, seen.value);
        ages.set(of, seen.ageSeconds);
        fresh.set(of, seen.kind === 'value' ? 1 : 0);
      }
    }
  };
}

function gauge(registry: Registry, name: string, help: string, labelNames: readonly string[]): Gauge {
  return new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });
}
