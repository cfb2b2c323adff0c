import { at, items } from '../values.ts';
import { inHpa, type KubernetesRule, limitsOf } from './kubernetes-subject.ts';

/** minReplicas 0 takes a metric that exists without pods, a recent Kubernetes, and somebody who holds requests. */
export const hpaZero: KubernetesRule = {
  id: 'hpa-zero',
  check: ({ hpa }) => {
    if (limitsOf(hpa).min > 0) return [];
    const outside = items(at(hpa, 'spec', 'metrics')).some((metric) =>
      ['Object', 'External'].includes(String(at(metric, 'type'))),
    );
    // https://kubernetes.io/blog/2026/09/02/kubernetes-v1-37-hpa-scale-to-zero-beta/
    const why = outside
      ? 'before Kubernetes 1.37 the API server refuses minReplicas 0 (feature gate HPAScaleToZero), and a Service holds no request while there is no pod: callers get errors until the first is ready'
      : 'at 0 there are no pods whose CPU or memory could be measured: the API server refuses minReplicas 0 without a metric of type Object or External, and nothing would start the first pod';
    const instead =
      'minReplicas: 1, or an External metric of what waits, with something before the pods that holds requests';
    return [inHpa(['spec', 'minReplicas'], why, instead)];
  },
};
