import { at, numeric } from '../values.ts';
import { inHpa, type KubernetesRule, readinessDelaySeconds } from './kubernetes-subject.ts';

/** Capacity goes sooner than it could come back. */
export const hpaShortWindow: KubernetesRule = {
  id: 'hpa-short-window',
  check: ({ hpa, target }) => {
    const path = ['spec', 'behavior', 'scaleDown', 'stabilizationWindowSeconds'];
    const windowSeconds = numeric(at(hpa, ...path));
    const delaySeconds = readinessDelaySeconds(target);
    if (windowSeconds === undefined || delaySeconds === 0 || windowSeconds >= delaySeconds) return [];
    return [
      inHpa(
        path,
        `a pod is taken away after ${windowSeconds} s of less load and takes at least ${delaySeconds} s to come back: each short lull costs a start`,
        `at least ${delaySeconds}, better the default of 300`,
      ),
    ];
  },
};
