import { MODEL_NAME, MODEL_VERSION } from '../model/model-files.ts';

/** What is told about the model at this moment. */
export interface ModelState {
  readonly phase: 'loading' | 'serving' | 'stopping';
  /** Workers that are loaded. */
  readonly workers: number;
  readonly maxWorkers: number;
  readonly maxQueuedRequests: number;
  readonly queuedRequests: number;
  readonly maxRunTexts: number;
}

/** An answer without its headers. */
export interface Report {
  readonly status: number;
  readonly body: object;
}

/**
 * The answer to `GET /ping`. 200 only when requests would be served: DJL Serving says 200 while it loads, which probes that read
 * the status alone take for ready.
 */
export function reportHealth(state: ModelState): Report {
  const status = healthOf(state);
  return { status: status === 'Healthy' ? 200 : 503, body: { [MODEL_NAME]: { status } } };
}

/** The answer to `GET /models`. */
export function listModels(state: ModelState): Report {
  const model = {
    modelName: MODEL_NAME,
    version: MODEL_VERSION,
    modelUrl: MODEL_URL,
    status: statusOf(state),
  };
  return { status: 200, body: { models: [model] } };
}

/** The answer to `GET /models/{model}`. `startedAt` is when the process began, in ISO 8601. */
export function describeModel(state: ModelState, startedAt: string): Report {
  const workers = Array.from({ length: state.workers }, (_, index) => ({
    id: index + 1,
    startTime: startedAt,
    status: state.phase === 'stopping' ? 'UNLOADING' : 'READY',
  }));
  const model = {
    modelName: MODEL_NAME,
    version: MODEL_VERSION,
    modelUrl: MODEL_URL,
    batchSize: 1, // requests are not merged; their texts are grouped
    maxBatchDelayMillis: 0,
    maxIdleSeconds: 0, // workers never leave
    maxRunTexts: state.maxRunTexts,
    queueSize: state.maxQueuedRequests,
    requestInQueue: state.queuedRequests,
    status: statusOf(state),
    loadedAtStartup: true,
    workerGroups: [
      {
        device: { deviceType: 'cpu', deviceId: -1 },
        minWorkers: state.maxWorkers,
        maxWorkers: state.maxWorkers,
        workers,
      },
    ],
  };
  return { status: 200, body: [{ workflowName: MODEL_NAME, version: MODEL_VERSION, models: [model] }] };
}

const MODEL_URL = 'https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2';

function healthOf({ phase, workers }: ModelState): 'PENDING' | 'Healthy' | 'Unhealthy' {
  if (phase === 'loading') return 'PENDING';
  return phase === 'serving' && workers > 0 ? 'Healthy' : 'Unhealthy';
}

function statusOf({ phase }: ModelState): 'PENDING' | 'READY' {
  return phase === 'loading' ? 'PENDING' : 'READY';
}
