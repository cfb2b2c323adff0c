import { at, numeric } from '../values.ts';
import { containersOf, inTarget, type KubernetesRule } from './kubernetes-subject.ts';

/** A delay that every start pays in full, however soon it is ready. */
export const readinessDelay: KubernetesRule = {
  id: 'readiness-delay',
  check: ({ hpa, target }) =>
    containersOf(target).flatMap(({ path, container }) => {
      const delaySeconds = numeric(at(container, 'readinessProbe', 'initialDelaySeconds')) ?? 0;
      if (delaySeconds < 30) return [];
      const windowSeconds =
        numeric(at(hpa, 'spec', 'behavior', 'scaleUp', 'stabilizationWindowSeconds')) ?? 0;
      const window = windowSeconds > 0 ? `, and ${windowSeconds} s of scale-up window before that` : '';
      return [
        inTarget(
          [...path, 'readinessProbe', 'initialDelaySeconds'],
          `no new pod serves before ${delaySeconds} s, however soon its model is loaded${window}: help comes ${delaySeconds + windowSeconds} s after the load`,
          `a startupProbe with periodSeconds 2 and failureThreshold ${delaySeconds}: as patient, and ready at once`,
        ),
      ];
    }),
};
