export type { Counters } from './counters.ts';
export { expectedVector, expectedVectorJson, type VectorOrigin } from './expected-vector.ts';
export type {
  Fault,
  FaultScope,
  NoAnswerFault,
  PingStatus,
  RefusingFault,
  SlowFault,
  SpoiledBodyFault,
  SpoiledVectorsFault,
} from './fault.ts';
export { ManualClock } from './manual-clock.ts';
export type { SimulatedBackendOptions } from './options.ts';
export type { ErrorName } from './refusal.ts';
export { seededRandom } from './seeded-random.ts';
export { type SimulatedBackend, startSimulatedBackend } from './simulated-backend.ts';
