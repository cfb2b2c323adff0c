// Embeds Node's documentation twice, through a gateway as any DJL client would and through the library straight to the same
// model servers, and compares: every vector, the order, and the speed.
// Run beside `pnpm start`: node examples/embed-corpus.ts [--gateway http://127.0.0.1:8080] [--chunks 5000]
import { parseArgs } from 'node:util';
import { EmbedderPool } from '@forebay/pool-client';
import { nodeDocumentation } from './corpus.ts';

/** Texts in one request, as pipelines usually send. */
const REQUEST_TEXTS = 64;
/** Requests at a time. */
const REQUESTS = 8;

export interface Comparison {
  readonly chunks: number;
  readonly gatewayChunksPerSecond: number;
  readonly libraryChunksPerSecond: number;
  /** 1 when each vector is the same; batches of other sizes move the last digits. */
  readonly lowestCosine: number;
}

/** Embeds the texts by both roads. `progress` is told the road and the chunks that are done. */
export async function embedBoth(
  gateway: string,
  texts: readonly string[],
  progress: (road: string, done: number) => void,
): Promise<Comparison> {
  const { models, backends } = await getStatus(gateway);
  const url = `${gateway}/predictions/${encodeURIComponent(models[0]?.name ?? '')}`;
  const started = performance.now();
  const byGateway = await throughGateway(url, texts, (done) => progress('gateway', done));
  const between = performance.now();
  await using pool = new EmbedderPool({
    backends: backends.map(({ url: backend }) => ({ url: backend, class: 'cpu' })),
  });
  const byLibrary = await pool.encode(texts, { onProgress: ({ answered }) => progress('library', answered) });
  const ended = performance.now();
  return {
    chunks: texts.length,
    gatewayChunksPerSecond: (1_000 * texts.length) / (between - started),
    libraryChunksPerSecond: (1_000 * texts.length) / (ended - between),
    lowestCosine: Math.min(...byGateway.map((vector, i) => cosine(vector, byLibrary[i] ?? []))),
  };
}

async function throughGateway(
  url: string,
  texts: readonly string[],
  onDone: (done: number) => void,
): Promise<number[][]> {
  const vectors: number[][] = [];
  let next = 0;
  let done = 0;
  const worker = async () => {
    while (next < texts.length) {
      const start = next;
      next += REQUEST_TEXTS;
      const part = texts.slice(start, start + REQUEST_TEXTS);
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ inputs: part }),
      });
      if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
      const answer = (await response.json()) as number[][];
      for (const [i, vector] of answer.entries()) vectors[start + i] = vector;
      done += part.length;
      onDone(done);
    }
  };
  await Promise.all(Array.from({ length: REQUESTS }, worker));
  return vectors;
}

async function getStatus(gateway: string) {
  const response = await fetch(`${gateway}/api/status`);
  return (await response.json()) as {
    readonly models: readonly { readonly name: string }[];
    readonly backends: readonly { readonly url: string }[];
  };
}

function cosine(a: readonly number[], b: readonly number[]): number {
  let dot = 0;
  for (let i = 0; i < a.length; i += 1) dot += (a[i] ?? 0) * (b[i] ?? 0);
  return dot / (Math.hypot(...a) * Math.hypot(...b));
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      gateway: { type: 'string', default: 'http://127.0.0.1:8080' },
      chunks: { type: 'string', default: '5000' },
    },
  });
  const texts = nodeDocumentation().slice(0, Number(values.chunks));
  let shownMs = 0;
  const result = await embedBoth(values.gateway, texts, (road, done) => {
    if (performance.now() - shownMs < 2_000 && done < texts.length) return;
    shownMs = performance.now();
    console.log(`${road.padEnd(8)} ${done} of ${texts.length} chunks`);
  });
  console.log(result);
}
