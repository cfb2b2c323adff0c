/** What each caller sends, over and over, on its own connection. */
export interface Workload {
  readonly name: string;
  readonly textsPerRequest: number;
  /** Callers at the same time, each with one open request. */
  readonly connections: number;
}

/** One search query, and one page of an index, at a time. */
export const WORKLOADS: readonly Workload[] = [
  { name: '1 text', textsPerRequest: 1, connections: 32 },
  { name: '32 texts', textsPerRequest: 32, connections: 32 },
];

/**
 * The texts of one request of one connection: no two alike within a run, so that mixed-up answers show, and of the length of a
 * short paragraph (about 100 characters).
 */
export function textsOf(workload: Workload, connection: number, request: number): readonly string[] {
  return Array.from({ length: workload.textsPerRequest }, (_, place) => {
    const topic = TOPICS[(connection + request + place) % TOPICS.length];
    return `${topic} (document ${connection}, page ${request}, paragraph ${place} of ${workload.textsPerRequest})`;
  });
}

const TOPICS = [
  'The basin in front of a dam evens out what the river brings',
  'A request that waits in a queue can still be sent elsewhere',
  'How do I change the password of an account that I share?',
  'Invoices are due within thirty days of the date they carry',
  'SELECT title, body FROM pages WHERE changed_at > :since',
  'Every turbine is given as much water as it can work with',
  'The quick brown fox jumps over the lazy dog once again',
];
