/** One model server of a scenario: simulated, with the milliseconds that a batch of n texts takes (`aMs + bMs·n`), or the real model. */
export type BackendPlan =
  | {
      readonly kind: 'simulated';
      readonly class: 'default' | 'gpu' | 'cpu';
      readonly aMs: number;
      readonly bMs: number;
      /** DJL's batch_size and max_batch_delay. @default a batch of its own for each request */
      readonly merging?: { readonly batchSize: number; readonly maxBatchDelayMs: number };
    }
  | {
      readonly kind: 'local';
      readonly class: 'cpu';
      /** Whether it pads the texts of a request to the longest, as DJL Serving does, instead of running unlike ones apart. */
      readonly pads?: boolean;
    };

/** The model servers behind the targets that are compared. */
export interface Scenario {
  readonly name: string;
  /** What a reader of the table should know about it. */
  readonly about: string;
  /** The direct target is the first of them alone. */
  readonly backends: readonly BackendPlan[];
}

/** Everything that `pnpm bench` measures. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'instant',
    about:
      'one simulated server that takes no time to compute: what remains is the cost of HTTP, JSON and balancing',
    backends: [{ kind: 'simulated', class: 'default', aMs: 0, bMs: 0 }],
  },
  {
    name: 'gpu+cpu',
    about:
      'two simulated servers with one worker each, like a GPU (6 + 0.22·n ms for n texts) and a CPU (2 + 1.6·n ms); direct is the GPU alone',
    backends: [
      { kind: 'simulated', class: 'gpu', aMs: 6, bMs: 0.22 },
      { kind: 'simulated', class: 'cpu', aMs: 2, bMs: 1.6 },
    ],
  },
  {
    name: 'local',
    about:
      'two local backends with the real all-MiniLM-L6-v2, one worker thread each; direct is one of them alone',
    backends: [
      { kind: 'local', class: 'cpu' },
      { kind: 'local', class: 'cpu' },
    ],
  },
];
