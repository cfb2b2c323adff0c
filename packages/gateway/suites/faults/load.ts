import { Agent } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Api, djlApi, openaiApi, teiApi } from '../../test/apis.ts';
import { postJson } from '../../test/exchange.ts';
import { type Verdict, verdictOf } from './check-answer.ts';

/** One request and the one thing that became of it. */
export interface Outcome {
  /** When it was sent, in milliseconds since its load began. */
  readonly sentMs: number;
  readonly tookMs: number;
  readonly texts: number;
  /** `lost`: its connection ended without an answer, or it was still open {@link LOST_AFTER_MS} after its own deadline. */
  readonly verdict: Verdict | 'lost';
  /** 0 where it is lost. */
  readonly status: number;
  /** The error's text, or what ended the connection; empty where all is well. */
  readonly detail: string;
}

/** Requests of one size that are sent at a steady rate, whatever becomes of those before. */
export interface Stream {
  readonly perSecond: number;
  readonly texts: number;
  /** Taken in turn. */
  readonly apis: readonly Api[];
}

/** Singles, 32 texts and 1,000 texts: 900 texts/s, half of what one backend computes. */
export const MIXED: readonly Stream[] = [
  { perSecond: 100, texts: 1, apis: [djlApi, openaiApi, teiApi] },
  { perSecond: 10, texts: 32, apis: [djlApi, teiApi] },
  { perSecond: 0.5, texts: 1_000, apis: [djlApi] },
];

export interface LoadOptions {
  readonly origin: string;
  readonly forMs: number;
  /** Sent as `x-request-timeout-ms`. */
  readonly timeoutMs: number;
  readonly streams?: readonly Stream[];
}

export interface Load {
  /** Resolves when the last request is sent. */
  readonly sent: Promise<void>;
  /** Resolves when each has been answered or is lost. */
  readonly outcomes: Promise<readonly Outcome[]>;
  /** The longest delay of this process's own timers while it sent, in milliseconds: how much the machine disturbed it. */
  lagMs(): number;
}

const LOST_AFTER_MS = 5_000;

const agent = new Agent({ keepAlive: true });
let textsMade = 0;

/** Begins an open-loop load. */
export function startLoad({ origin, forMs, timeoutMs, streams = MIXED }: LoadOptions): Load {
  const requests: Promise<Outcome>[] = [];
  const startMs = performance.now();
  const lag = monitorEventLoopDelay({ resolution: 5 });
  const send = async () => {
    lag.enable();
    const sentOf = streams.map(() => 0);
    for (let elapsedMs = 0; elapsedMs < forMs; elapsedMs = performance.now() - startMs) {
      streams.forEach(({ perSecond, texts, apis }, stream) => {
        for (let n = sentOf[stream] ?? 0; n < (elapsedMs * perSecond) / 1_000; n += 1) {
          const api = apis[n % apis.length] as Api; // the remainder is below the length
          requests.push(sendOne(origin, api, newTexts(texts), timeoutMs, startMs));
          sentOf[stream] = n + 1;
        }
      });
      await sleep(2);
    }
    lag.disable();
  };
  const sent = send();
  return { sent, outcomes: sent.then(() => Promise.all(requests)), lagMs: () => lag.max / 1e6 };
}

/** Texts that nobody has sent before. */
export function newTexts(count: number): string[] {
  return Array.from({ length: count }, () => `text ${textsMade++} of the faults suite`);
}

/** Sends one request and judges its answer; never rejects. */
export async function sendOne(
  origin: string,
  api: Api,
  texts: readonly string[],
  timeoutMs: number,
  loadStartMs: number = performance.now(),
): Promise<Outcome> {
  const startMs = performance.now();
  const known = { sentMs: startMs - loadStartMs, texts: texts.length };
  try {
    const answer = await postJson(`${origin}${api.path}`, api.body(texts), {
      agent,
      headers: { 'x-request-timeout-ms': String(timeoutMs) },
      signal: AbortSignal.timeout(timeoutMs + LOST_AFTER_MS),
    });
    const tookMs = performance.now() - startMs;
    const verdict = verdictOf(api, texts, answer);
    const detail = verdict === 'right' ? '' : answer.text.slice(0, 300);
    return { ...known, tookMs, verdict, status: answer.status, detail };
  } catch (error) {
    return {
      ...known,
      tookMs: performance.now() - startMs,
      verdict: 'lost',
      status: 0,
      detail: String(error),
    };
  }
}
