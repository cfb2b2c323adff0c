import type { NamedController } from '../controller.ts';
import type { HpaBehavior } from './hpa-behavior.ts';
import { startHpa } from './hpa-engine.ts';

/** Kubernetes' defaults: up at once by the larger of +100 % and 4 pods per 15 s; down to the highest of 300 s, without a limit. */
const BEHAVIOR: HpaBehavior = {
  up: {
    stabilizationWindowSeconds: 0,
    policies: [
      { type: 'Percent', value: 100, periodSeconds: 15 },
      { type: 'Pods', value: 4, periodSeconds: 15 },
    ],
  },
  down: {
    stabilizationWindowSeconds: 300,
    policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
  },
};

/** Kubernetes' HorizontalPodAutoscaler at 70 % CPU with default behaviour: see `hpa-engine.ts`. */
export const hpa: NamedController = { name: 'hpa', start: (system) => startHpa(BEHAVIOR, system) };
