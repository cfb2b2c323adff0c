import { configuredSignals } from '../../config/configured-signals.ts';
import type { GroupConfig, ScalerConfig } from '../../config/scaler-config.ts';

/** In seconds, the period of CloudWatch's metric that a group's signal is; undefined for signals from elsewhere. */
export function metricPeriod(
  signal: string,
  group: GroupConfig,
  { signals }: ScalerConfig,
): number | undefined {
  const named = configuredSignals(signals).filter(({ name }) => name === signal);
  const own = named.find((each) => each.signal.group === group.name);
  const chosen = (own ?? named.find((each) => each.signal.group === undefined))?.signal;
  if (chosen !== undefined) return chosen.type === 'cloudwatch' ? chosen.periodSeconds : undefined;
  if (signal !== 'cpu_percent' || group.driver !== 'asg') return undefined;
  const { metricPeriodSeconds = 300 } = group.driverOptions;
  return typeof metricPeriodSeconds === 'number' ? metricPeriodSeconds : undefined;
}
