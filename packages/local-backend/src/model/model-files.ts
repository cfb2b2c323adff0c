/** The name under which requests ask for the model. */
export const MODEL_NAME = 'all-MiniLM-L6-v2';
/** The version that `/predictions/{model}/{version}` accepts: the one of DJL's model zoo. */
export const MODEL_VERSION = '0.0.1';

/** One file that the model consists of, pinned. */
export interface PinnedFile {
  readonly name: string;
  readonly bytes: number;
  /** Of the whole file, in hexadecimal. */
  readonly sha256: string;
}

/** The graph's tensors are addressed by their offsets in exactly this file. */
export const WEIGHTS: PinnedFile = {
  name: 'model.safetensors',
  bytes: 90_868_376,
  sha256: '53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db',
};

/** The vocabulary and its rules. */
export const TOKENIZER: PinnedFile = {
  name: 'tokenizer.json',
  bytes: 466_247,
  sha256: 'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037',
};

/** What has to be fetched once; the graph is part of this package. */
export const FETCHED_FILES: readonly PinnedFile[] = [TOKENIZER, WEIGHTS];

/** The graph shipped with this package. */
export const GRAPH_URL: URL = new URL('../../model/minilm.onnx', import.meta.url);

/** The name of the graph's copy beside the weights. */
export const GRAPH_NAME = 'minilm.onnx';

/** Where the model lies. */
export interface ModelFiles {
  readonly tokenizerPath: string;
  readonly weightsPath: string;
  /**
   * With `beside` the runtime maps the weights' file into memory, once for all sessions and processes; with `apart`, where
   * nothing may be written beside the weights, they are read: about 180 MB more for each worker.
   */
  readonly graph:
    | { readonly kind: 'beside'; readonly path: string }
    | { readonly kind: 'apart'; readonly path: string };
}
