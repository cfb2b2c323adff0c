import { openCloudWatchApi } from './aws/cloudwatch-api.ts';
import { openSqsApi } from './aws/sqs-api.ts';
import { configuredSignals } from './config/configured-signals.ts';
import type { CloudWatchSignal, ScalerConfig } from './config/scaler-config.ts';
import { cloudWatchSource } from './signals/cloudwatch-source.ts';
import type { OutsideSource } from './signals/outside-source.ts';
import { prometheusSource } from './signals/prometheus-source.ts';
import { sqsSource } from './signals/sqs-source.ts';

/** Who measures the configured signals; metrics of one CloudWatch are asked for together. Connects to nobody yet. */
export function outsideSources(signals: ScalerConfig['signals']): readonly OutsideSource[] {
  const all = configuredSignals(signals);
  const single = all.flatMap(({ name, signal }): OutsideSource[] => {
    const { group } = signal;
    if (signal.type === 'prometheus') return [prometheusSource({ name, group }, signal)];
    if (signal.type === 'cloudwatch') return [];
    const { queueUrl, count, endpoint, region = regionOfQueue(queueUrl) } = signal;
    return [sqsSource({ name, group, queueUrl, count }, openSqsApi({ region, endpoint }))];
  });
  const metrics = all.flatMap(({ name, signal }) => (signal.type === 'cloudwatch' ? [{ name, signal }] : []));
  const byPlace = Map.groupBy(metrics, ({ signal: { region, endpoint } }) =>
    JSON.stringify([region, endpoint]),
  );
  const batched = [...byPlace.values()].map((some) => {
    const [{ signal: { region, endpoint } = {} } = {}] = some as readonly {
      readonly signal?: CloudWatchSignal;
    }[];
    return cloudWatchSource(
      some.map(({ name, signal }) => ({ name, group: signal.group, query: toQuery(signal) })),
      openCloudWatchApi({ region, endpoint }),
    );
  });
  return [...single, ...batched];
}

function toQuery({ namespace, metric, dimensions, statistic, periodSeconds }: CloudWatchSignal) {
  return { namespace, name: metric, dimensions, statistic, periodSeconds };
}

/** `https://sqs.eu-west-1.amazonaws.com/…` says where it is; other hosts don't. */
function regionOfQueue(queueUrl: string): string | undefined {
  return /^https?:\/\/sqs\.([a-z0-9-]+)\.amazonaws\./.exec(queueUrl)?.[1];
}
