import { at } from '../values.ts';
import { containersOf, inHpa, type KubernetesRule, utilizationsOf } from './kubernetes-subject.ts';

/** A target above what the limits let a pod use. */
export const hpaTargetOutOfReach: KubernetesRule = {
  id: 'hpa-target-out-of-reach',
  check: ({ hpa, target }) =>
    utilizationsOf(hpa).flatMap(({ path, resource, percent }) => {
      const containers = containersOf(target);
      const requested = sum(
        containers.map(({ container }) => at(container, 'resources', 'requests', resource)),
      );
      const limit = sum(containers.map(({ container }) => at(container, 'resources', 'limits', resource)));
      if (requested === undefined || limit === undefined || requested === 0) return [];
      const most = Math.round((limit / requested) * 100);
      if (percent < most) return [];
      return [
        inHpa(
          path,
          `${resource} is limited to ${most} % of what is requested, so utilisation never gets above the target of ${percent} %: it never scales out`,
          `less than ${most}, such as ${Math.round(most * 0.7)}`,
        ),
      ];
    }),
};

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** Quantities such as `500m`, `2Gi` or `4`, added up; nothing where one is missing or not understood. */
function sum(quantities: readonly unknown[]): number | undefined {
  let total = 0;
  for (const quantity of quantities) {
    const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(String(quantity)) ?? [];
    const factor = UNITS[unit];
    if (digits === undefined || factor === undefined) return undefined;
    total += Number(digits) * factor;
  }
  return quantities.length === 0 ? undefined : total;
}
