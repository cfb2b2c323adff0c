import { at, numeric } from '../values.ts';
import { inTarget, type KubernetesRule } from './kubernetes-subject.ts';

/** `replicas` in a manifest and an autoscaler write the same field. */
export const hpaReplicasReset: KubernetesRule = {
  id: 'hpa-replicas-reset',
  check: ({ target }) => {
    const replicas = numeric(at(target, 'spec', 'replicas'));
    if (replicas === undefined) return [];
    return [
      inTarget(
        ['spec', 'replicas'],
        `each kubectl apply sets the count back to ${replicas}, however many the autoscaler has running`,
        'no replicas here: the autoscaler starts from what there is',
      ),
    ];
  },
};
