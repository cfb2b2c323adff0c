import { hpaDirectionOff } from './hpa-direction-off.ts';
import { hpaFixed } from './hpa-fixed.ts';
import { hpaNoRequests } from './hpa-no-requests.ts';
import { hpaReplicasReset } from './hpa-replicas-reset.ts';
import { hpaShortWindow } from './hpa-short-window.ts';
import { hpaSlowRamp } from './hpa-slow-ramp.ts';
import { hpaTargetOutOfReach } from './hpa-target-out-of-reach.ts';
import { hpaZero } from './hpa-zero.ts';
import type { KubernetesRule } from './kubernetes-subject.ts';
import { readinessDelay } from './readiness-delay.ts';

/** The rules for Kubernetes manifests with a HorizontalPodAutoscaler. */
export const KUBERNETES_RULES: readonly KubernetesRule[] = [
  hpaZero,
  hpaFixed,
  hpaReplicasReset,
  hpaNoRequests,
  hpaTargetOutOfReach,
  hpaDirectionOff,
  hpaSlowRamp,
  hpaShortWindow,
  readinessDelay,
];
