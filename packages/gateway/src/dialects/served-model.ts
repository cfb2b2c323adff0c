import type { ModelStatus } from '@forebay/pool-client';

/** A model as the lists of models and the health answers show it, in DJL's words. */
export type ServedModel = Pick<ModelStatus, 'name' | 'status'>;
