import type { CloudWatchApi, MetricQuery } from '../aws/cloudwatch-api.ts';
import { PacedMetrics } from '../aws/paced-metrics.ts';
import type { Sample } from '../values/sample.ts';
import { within } from '../within.ts';
import type { OutsideSource, SignalOf } from './outside-source.ts';

/** Metrics of one CloudWatch, all that are due in one call: each twice in its period, since every metric asked for costs. */
export function cloudWatchSource(
  signals: readonly (SignalOf & { readonly query: MetricQuery })[],
  api: CloudWatchApi,
): OutsideSource {
  const metrics = new PacedMetrics(
    api,
    signals.map(({ query }) => query),
  );
  return {
    async read(deadline) {
      const { clock, timeoutMs } = deadline;
      const read = await within(deadline, (signal) => metrics.read(clock.nowMs(), signal));
      const late: Sample = {
        kind: 'missing',
        reason: `CloudWatch did not answer within ${timeoutMs} ms`,
        atMs: clock.nowMs(),
      };
      return signals.map(({ name, group }, index) => ({
        name,
        group,
        sample: (read.kind === 'done' ? read.value[index] : undefined) ?? late,
      }));
    },
    close: () => api.close(),
  };
}
