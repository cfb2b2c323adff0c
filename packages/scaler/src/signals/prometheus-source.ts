import type { OutsideSource, SignalOf } from './outside-source.ts';
import { type PrometheusQuery, queryPrometheus } from './prometheus-query.ts';

/** A signal that a Prometheus computes at each tick. */
export function prometheusSource(signal: SignalOf, query: PrometheusQuery): OutsideSource {
  return {
    read: async (deadline) => [{ ...signal, sample: await queryPrometheus(query, deadline) }],
    close: async () => undefined,
  };
}
