import type { ReadGateway } from './gateway-reading.ts';
import type { MeasuredGroup } from './measured-group.ts';

/**
 * Chunks per second that one replica of the group does, as gateways have learned it: the mean over its ready replicas; where
 * none of them has been measured yet, over all backends of the same class that have. Undefined before that: no
 * measurement is lost, there is none yet, and who asks goes by the class.
 *
 * For one backend the largest of the gateways' rates counts. What leads a gateway astray leads it below the truth: batches that
 * are small yet, and waits behind another gateway's batches. An idle backend keeps the rate it had.
 */
export function replicaRate(
  gateways: readonly ReadGateway[],
  { readyIds, class: kind }: Pick<MeasuredGroup, 'readyIds' | 'class'>,
): number | undefined {
  return (
    meanRate(gateways, readyIds) ??
    meanRate(
      gateways,
      gateways.flatMap(({ backends }) =>
        [...backends].filter(([, { class: its }]) => its === kind).map(([id]) => id),
      ),
    )
  );
}

function meanRate(gateways: readonly ReadGateway[], ids: readonly string[]): number | undefined {
  const rates = [...new Set(ids)].flatMap((id) => {
    const learned = gateways.flatMap(({ backends }) => backends.get(id)?.chunksPerSecond ?? []);
    return learned.length === 0 ? [] : [Math.max(...learned)];
  });
  return rates.length === 0 ? undefined : rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
}
