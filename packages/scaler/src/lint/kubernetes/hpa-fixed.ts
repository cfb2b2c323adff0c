import { inHpa, type KubernetesRule, limitsOf } from './kubernetes-subject.ts';

/** An autoscaler without room. */
export const hpaFixed: KubernetesRule = {
  id: 'hpa-fixed',
  check: ({ hpa }) => {
    const { min, max } = limitsOf(hpa);
    if (min < max) return [];
    return [
      inHpa(
        ['spec', 'maxReplicas'],
        `minReplicas is ${min} and maxReplicas ${max}: nothing ever changes`,
        'a larger maxReplicas, or no autoscaler',
      ),
    ];
  },
};
