import type { NamedController } from '../controller.ts';
import type { HpaBehavior } from './hpa-behavior.ts';
import { startHpa } from './hpa-engine.ts';

/** The `behavior` of `djl-cpu-hpa`: up to the lowest of 60 s, half as many again in 60 s; down to the highest of 300 s, one in 60 s. */
const BEHAVIOR: HpaBehavior = {
  up: {
    stabilizationWindowSeconds: 60,
    policies: [{ type: 'Percent', value: 50, periodSeconds: 60 }],
  },
  down: {
    stabilizationWindowSeconds: 300,
    policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }],
  },
};

/** The HorizontalPodAutoscaler of document 002 (CPU 70 %): see `hpa-engine.ts`. Its 2 to 10 replicas are `--min` and `--max`. */
export const hpa002: NamedController = { name: 'hpa-002', start: (system) => startHpa(BEHAVIOR, system) };
