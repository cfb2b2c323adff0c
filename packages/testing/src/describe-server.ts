import type { Core } from './core.ts';
import type { PingStatus } from './fault.ts';

/** Answers to the questions that are not embeddings. */
export type Description = { readonly status: number; readonly body: string };

/** The answer of `GET path`, or `undefined` where there is nothing. */
export function describeServer(core: Core, path: string): Description | undefined {
  switch (path) {
    case '/ping':
      return ping(core);
    case '/models':
      return djlJson({
        models: core.options.models.map((name) => ({ modelName: name, status: stateOf(core) })),
      });
    case '/v1/models': {
      const data = core.options.models.map((id) => ({
        id,
        object: 'model',
        created: 0,
        owned_by: 'simulated',
      }));
      return { status: 200, body: JSON.stringify({ object: 'list', data }) };
    }
    case '/info':
      return { status: 200, body: JSON.stringify(teiInfo(core)) };
    case '/health':
      return healthyNow(core) ? { status: 200, body: '' } : { status: 503, body: '' };
    default:
      return path.startsWith('/models/') ? describeModel(core, path.slice('/models/'.length)) : undefined;
  }
}

/** Says "Healthy" through most faults, as the real one does; only a `ping` fault and a slow start change it. */
function ping(core: Core): Description {
  const status = pingStatus(core);
  const models = Object.fromEntries(core.options.models.map((name) => [name, { status }]));
  return { ...djlJson(models), status: status === 'FAILED' ? 500 : 200 };
}

function pingStatus(core: Core): PingStatus {
  return core.faults.ping?.status ?? (core.faults.slowStart ? 'PENDING' : 'Healthy');
}

function healthyNow(core: Core): boolean {
  return pingStatus(core) === 'Healthy';
}

function stateOf(core: Core): string {
  return core.faults.slowStart ? 'PENDING' : 'READY';
}

function describeModel(core: Core, name: string): Description | undefined {
  const model = core.models.get(name);
  if (!model) return undefined;
  const { batchSize, jobQueueSize, maxBatchDelayMs, workers } = core.options;
  const group = {
    device: { deviceType: 'cpu', deviceId: -1 },
    minWorkers: workers,
    maxWorkers: workers,
    workers: Array.from({ length: workers }, (_, id) => ({ id: id + 1, status: 'READY' })),
  };
  const description = {
    modelName: name,
    batchSize,
    maxBatchDelayMillis: maxBatchDelayMs,
    maxIdleSeconds: 60,
    queueSize: jobQueueSize,
    requestInQueue: model.queue.waitingJobs,
    status: stateOf(core),
    workerGroups: [group],
  };
  return djlJson([{ workflowName: name, models: [description] }]);
}

function teiInfo({ options }: Core): object {
  return {
    model_id: options.models[0],
    model_sha: null,
    model_dtype: 'float32',
    model_type: { embedding: { pooling: 'mean' } },
    max_concurrent_requests: 512,
    max_input_length: Number.isFinite(options.maxTokens) ? options.maxTokens : 512,
    max_batch_tokens: 16_384,
    max_batch_requests: null,
    max_client_batch_size: options.maxClientBatchSize,
    auto_truncate: true,
    tokenization_workers: options.workers,
    version: '1.8.0',
    sha: null,
    docker_label: null,
  };
}

function djlJson(value: unknown): Description {
  return { status: 200, body: `${JSON.stringify(value, null, 2)}\n` };
}
