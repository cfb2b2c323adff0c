import { at, items, numeric } from '../values.ts';
import { inHpa, type KubernetesRule } from './kubernetes-subject.ts';

/** Behaviour that never lets a direction through. */
export const hpaDirectionOff: KubernetesRule = {
  id: 'hpa-direction-off',
  check: ({ hpa }) =>
    (['scaleUp', 'scaleDown'] as const).flatMap((direction) => {
      const rules = at(hpa, 'spec', 'behavior', direction);
      const policies = items(at(rules, 'policies'));
      const zero = policies.length > 0 && policies.every((policy) => numeric(at(policy, 'value')) === 0);
      const disabled = at(rules, 'selectPolicy') === 'Disabled';
      if (!zero && !disabled) return [];
      const what = disabled ? 'selectPolicy: Disabled' : 'policies of value 0';
      const effect = direction === 'scaleUp' ? 'it never scales out' : 'what a burst started runs for ever';
      return [
        inHpa(
          ['spec', 'behavior', direction, disabled ? 'selectPolicy' : 'policies'],
          `${what} turns ${direction} off: ${effect}`,
          'a value above 0',
        ),
      ];
    }),
};
