import type { AlarmNotifier } from './alarms/alarm-notifier.ts';
import type { AlarmWatch } from './alarms/alarm-watch.ts';
import { ScalerError } from './errors.ts';
import { decisionLogger, type Logger } from './log.ts';
import type { ScalerMetrics } from './metrics.ts';
import type { ReplicaNews } from './reconcile/replica-news.ts';
import type { ScalerEvent } from './reconcile/scaler-event.ts';
import { replicaCounts } from './records/replica-counts.ts';

/** Who hears of what happens in the loop. */
export interface Listeners {
  readonly log: Logger;
  readonly metrics: ScalerMetrics;
  readonly alarms: AlarmWatch;
  /** The notifier of an alarm, by the alarm's name. */
  readonly notifierOf: (alarm: string) => AlarmNotifier | undefined;
}

const NEWS: Readonly<Record<ReplicaNews['kind'], string>> = {
  ordered: 'launch ordered',
  ready: 'ready',
  draining: 'draining',
  'taken-back': 'taken back',
  unhealthy: 'unhealthy',
  leaving: 'leaving, a replacement is wanted',
};

/** Tells log, metrics and alarms. */
export function watchEvents({ log, metrics, alarms, notifierOf }: Listeners): (event: ScalerEvent) => void {
  const logDecision = decisionLogger(log);
  /** Calls that fail are said once, and once that they work again. */
  const failing = new Map<string, string>();

  function observeCall({
    group,
    driver,
    call,
    seconds,
    error,
  }: Extract<ScalerEvent, { kind: 'driver-called' }>) {
    const outcome = error === undefined ? 'ok' : error instanceof ScalerError ? error.code : 'failed';
    metrics.observeDriverCall({ driver, call, outcome, seconds });
    const key = `${group} ${call}`;
    if (error === undefined) {
      if (failing.delete(key)) log.info({ group, driver, call }, `${driver} answers again`);
    } else if (failing.get(key) !== error.message) {
      failing.set(key, error.message);
      log.error({ group, driver, call, err: error }, `${driver} failed to ${call}: ${error.message}`);
    }
  }

  return (event) => {
    switch (event.kind) {
      case 'leading':
        metrics.setLeader(event.leading);
        log.info(
          { holder: event.holder },
          event.leading ? 'this scaler acts' : 'another scaler acts: standing by',
        );
        return;
      case 'decided': {
        const { decision, samples, startupSeconds } = event;
        metrics.observeDecision(decision);
        metrics.learnStartup(decision.group, startupSeconds);
        metrics.observeReplicas(decision.group, replicaCounts(event.rows, decision.decidedAtMs));
        logDecision(decision);
        for (const change of alarms.observe(decision.group, samples, decision.decidedAtMs)) {
          metrics.setAlarm(change.settings.name, change.state.name);
          notifierOf(change.settings.name)?.notify(change);
        }
        return;
      }
      case 'started':
        metrics.observeStartup({ group: event.group, atMs: 0, seconds: event.seconds });
        return;
      case 'lost':
        for (const _ of event.ids) metrics.countEnded(event.group, 'lost');
        log.warn(
          { group: event.group, ids: event.ids },
          `${event.ids.length} replica(s) ended by themselves`,
        );
        return;
      case 'news':
        for (const { id, kind, because } of event.news) {
          const text = `${id}: ${NEWS[kind]}${because === undefined ? '' : `, ${because}`}`;
          log[kind === 'unhealthy' ? 'warn' : 'info']({ group: event.group, id }, text);
        }
        return;
      case 'adopted':
        log.info(
          { group: event.group, ids: event.ids },
          `${event.ids.length} replica(s) listed for the first time: ${event.ids.slice(0, 5).join(', ')}`,
        );
        return;
      case 'ended':
        metrics.countEnded(event.group, event.cause);
        log.info({ group: event.group, id: event.id }, `ending ${event.id}: ${event.because}`);
        return;
      case 'driver-called':
        observeCall(event);
        return;
      case 'tick-failed':
        metrics.countError('tick');
        log.error({ err: event.error }, 'a tick failed');
        return;
      case 'resting':
        return;
    }
  };
}
