/** What came of a load so far. */
export interface LoadCounts {
  readonly requests: number;
  readonly texts: number;
  /** By reason, such as `503` or `wrong vectors`. */
  readonly failures: Readonly<Record<string, number>>;
  readonly slowestMs: number;
}

/** Callers that each have one request open, until they are stopped. */
export interface Load {
  counts(): LoadCounts;
  /** Resolves when the last request is answered. */
  stop(): Promise<LoadCounts>;
}

export interface LoadPlan {
  readonly url: string;
  readonly callers: number;
  readonly textsPerRequest: number;
  /** Between an answer and the caller's next request. */
  readonly pauseMs: number;
  readonly sleep: (ms: number) => Promise<unknown>;
}

/** Each answer must be as many vectors of 384 finite numbers and length 1 as it had texts; anything else is a failure. */
export function startLoad({ url, callers, textsPerRequest, pauseMs, sleep }: LoadPlan): Load {
  let [requests, texts, slowestMs, stopped] = [0, 0, 0, false];
  const failures = new Map<string, number>();
  const counts = (): LoadCounts => ({ requests, texts, failures: Object.fromEntries(failures), slowestMs });
  const call = async (caller: number) => {
    for (let turn = 0; !stopped; turn += 1) {
      const inputs = Array.from(
        { length: textsPerRequest },
        (_, i) => `Caller ${caller} asks ${turn} for text ${i}.`,
      );
      const fromMs = performance.now();
      const fault = await ask(url, inputs).catch((error: Error) => `no answer: ${error.message}`);
      requests += 1;
      slowestMs = Math.max(slowestMs, performance.now() - fromMs);
      if (fault === undefined) texts += inputs.length;
      else failures.set(fault, (failures.get(fault) ?? 0) + 1);
      await sleep(pauseMs);
    }
  };
  const calling = Promise.all(Array.from({ length: callers }, (_, caller) => call(caller)));
  return {
    counts,
    async stop() {
      stopped = true;
      await calling;
      return counts();
    },
  };
}

/** What is wrong with the answer. */
async function ask(url: string, inputs: readonly string[]): Promise<string | undefined> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ inputs }),
  });
  if (response.status !== 200) return String(response.status);
  const vectors = (await response.json()) as readonly (readonly number[])[]; // looked at below
  return vectors.length === inputs.length && vectors.every(isEmbedding) ? undefined : 'wrong vectors';
}

/** 384 numbers of length 1, as the model makes them. */
export function isEmbedding(vector: readonly number[]): boolean {
  return vector.length === 384 && Math.abs(Math.hypot(...vector) - 1) < 1e-3;
}
