import type { CloudWatchApi } from '../../aws/cloudwatch-api.ts';
import { PacedMetrics } from '../../aws/paced-metrics.ts';
import type { Clock } from '../../clock.ts';
import type { Sample, Samples } from '../../values/sample.ts';
import type { EcsOptions } from './ecs-options.ts';

/** ECS publishes once a minute. */
const PERIOD_SECONDS = 60;

/** What CloudWatch says of a service: the mean over its tasks, in percent of what they reserve. */
export class ServiceUsage {
  readonly #metrics: PacedMetrics;
  readonly #clock: Clock;

  constructor({ cluster, service }: EcsOptions, api: CloudWatchApi, clock: Clock) {
    this.#clock = clock;
    this.#metrics = new PacedMetrics(
      api,
      ['CPUUtilization', 'MemoryUtilization'].map((name) => ({
        namespace: 'AWS/ECS',
        name,
        // Of an ARN CloudWatch knows the name.
        dimensions: { ClusterName: cluster.split('/').at(-1) ?? cluster, ServiceName: service },
        statistic: 'Average',
        periodSeconds: PERIOD_SECONDS,
      })),
    );
  }

  async read(signal: AbortSignal): Promise<Samples> {
    const [cpu, memory] = await this.#metrics.read(this.#clock.nowMs(), signal);
    // There is one for each query.
    return { cpu_percent: cpu as Sample, memory_percent: memory as Sample };
  }
}
