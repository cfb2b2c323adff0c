import { type Api, djlApi, openaiApi } from '../../test/apis.ts';
import { type Outcome, sendOne } from './load.ts';

/** Callers that each send their next request when the last one is answered. */
export interface ClosedLoop {
  readonly origin: string;
  readonly callers: number;
  readonly forMs: number;
  readonly timeoutMs: number;
  /** The texts of the next request. */
  texts(): readonly string[];
}

export interface ClosedLoopResult {
  readonly outcomes: readonly (Outcome & { readonly sentTexts: readonly string[]; readonly api: Api })[];
  /** Of rightly answered requests, until the last answer. */
  readonly textsPerSecond: number;
}

/** Sends for a while, on DJL's and OpenAI's routes in turn; resolves when all is answered. */
export async function runClosedLoop(loop: ClosedLoop): Promise<ClosedLoopResult> {
  const { origin, callers, forMs, timeoutMs } = loop;
  const outcomes: ClosedLoopResult['outcomes'][number][] = [];
  const startMs = performance.now();
  const calls = Array.from({ length: callers }, async (_, caller) => {
    for (let round = caller; performance.now() - startMs < forMs; round += 1) {
      const sentTexts = loop.texts();
      const api = round % 2 === 0 ? djlApi : openaiApi;
      outcomes.push({ ...(await sendOne(origin, api, sentTexts, timeoutMs, startMs)), sentTexts, api });
    }
  });
  await Promise.all(calls);
  const seconds = (performance.now() - startMs) / 1_000;
  const right = outcomes.filter(({ verdict }) => verdict === 'right');
  return { outcomes, textsPerSecond: right.reduce((sum, { texts }) => sum + texts, 0) / seconds };
}
