/** An error answer before a dialect gave it its form. */
export type Refusal = {
  readonly status: number;
  /** The simple name of the Java exception that DJL would name; empty where the body is empty. */
  readonly type: string;
  readonly message: string;
};

/** The errors that a fault can ask for, by name: statuses, types and messages of DJL Serving. */
export type ErrorName =
  | 'translate-exception'
  | 'engine-failure'
  | 'model-not-found'
  | 'payload-too-large'
  | 'throttled'
  | 'internal-error'
  | 'queue-full'
  | 'not-ready'
  | 'out-of-memory';

/** All names there are. */
export const errorNames: readonly ErrorName[] = [
  'translate-exception',
  'engine-failure',
  'model-not-found',
  'payload-too-large',
  'throttled',
  'internal-error',
  'queue-full',
  'not-ready',
  'out-of-memory',
];

/** What DJL answers in the named case for `model`. */
export function refusalOf(name: ErrorName, model: string): Refusal {
  switch (name) {
    case 'translate-exception':
      return badInput('Input data is not valid.');
    case 'engine-failure':
      return badInput('The following operation failed in the TorchScript interpreter.');
    case 'model-not-found':
      return {
        status: 404,
        type: 'ModelNotFoundException',
        message: `Model or workflow not found: ${model}`,
      };
    case 'payload-too-large':
      return { status: 413, type: '', message: '' };
    case 'throttled':
      return { ...queueFull(model), status: 429 };
    case 'internal-error':
      return { status: 500, type: 'IllegalStateException', message: 'Unexpected failure.' };
    case 'queue-full':
      return queueFull(model);
    case 'not-ready':
      return { status: 503, type: 'WlmException', message: `Model is not ready: ${model}` };
    case 'out-of-memory':
      return {
        status: 507,
        type: 'WlmOutOfMemoryException',
        message: 'No enough memory to load the model.',
      };
  }
}

/** DJL's 400 for an input that its translator cannot read. */
export function badInput(message: string): Refusal {
  return { status: 400, type: 'TranslateException', message };
}

/** DJL's 400 for a request that never reached a model. */
export function badRequest(message: string): Refusal {
  return { status: 400, type: 'BadRequestException', message };
}

function queueFull(model: string): Refusal {
  return {
    status: 503,
    type: 'WlmCapacityException',
    message: `Worker queue capacity exceeded for model: ${model}`,
  };
}
