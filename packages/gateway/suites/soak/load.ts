import { Agent } from 'node:http';
import { expectedVectorJson } from '@forebay/testing';
import { type Api, apis, MODEL, refusalOf } from '../../test/apis.ts';
import type { Exchange } from '../../test/exchange.ts';
import { POISON } from './backend-process.ts';
import { sendSlowly } from './send-slowly.ts';

/** What became of one request. */
export interface Outcome {
  readonly kind: 'right' | 'wrong' | 'refused-poison' | 'failed' | 'aborted' | 'lost';
  readonly fromMs: number;
  readonly toMs: number;
  readonly texts: number;
  /** For people: what was wrong. */
  readonly what: string;
}

/** One kind of caller: how many texts at a time, and the longest rest between two requests. */
export interface CallerKind {
  readonly name: string;
  readonly texts: number;
  readonly restMs: number;
  /** Rest after each part of an answer. */
  readonly pauseMs?: number;
}

/** Who calls: about 150 requests and 3,000 texts a second, half of what two busy cores can do. */
export const CALLERS: readonly CallerKind[] = [
  ...Array.from({ length: 6 }, () => ({ name: 'single', texts: 1, restMs: 100 })),
  ...Array.from({ length: 3 }, () => ({ name: 'list', texts: 32, restMs: 200 })),
  { name: 'bulk', texts: 500, restMs: 2_000 },
  { name: 'slow reader', texts: 500, restMs: 2_000, pauseMs: 20 },
];

const ABORTED_SHARE = 0.03;
const POISONED_SHARE = 0.002;
const PARTIAL_SHARE = 0.05;
/** A request that has no answer by then is lost. */
const LOST_MS = 100_000;

export interface LoadParts {
  readonly origin: string;
  readonly random: () => number;
  readonly settled: (outcome: Outcome) => void;
}

/** One caller, one request after the other, until the signal; ends when its last one is settled. */
export async function runCaller(kind: CallerKind, parts: LoadParts, signal: AbortSignal): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while (!signal.aborted) {
    parts.settled(await callOnce(kind, parts, agent));
    await new Promise((next) => setTimeout(next, parts.random() * kind.restMs));
  }
  agent.destroy();
}

let textNumber = 0;

async function callOnce(kind: CallerKind, { origin, random }: LoadParts, agent: Agent): Promise<Outcome> {
  const pick = <T>(all: readonly T[]) => all[Math.floor(random() * all.length)] as T; // none of the lists is empty
  const api = pick(apis);
  const texts = Array.from({ length: kind.texts }, () => textOf(random));
  const poisonAt = random() < POISONED_SHARE ? Math.floor(random() * texts.length) : undefined;
  if (poisonAt !== undefined) texts[poisonAt] = `${POISON} ${++textNumber}`;
  const givesUp = random() < ABORTED_SHARE;
  const partial = random() < PARTIAL_SHARE;
  const headers = {
    'x-forebay-priority': kind.texts === 1 ? 'interactive' : pick(['interactive', 'default', 'bulk']),
    'x-forebay-tenant': pick(['red', 'green', 'blue']),
    ...(partial ? { 'x-forebay-partial': 'true' } : {}),
  };
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), givesUp ? random() * 150 : LOST_MS);
  const { signal } = over;
  const body = JSON.stringify(api.body(texts));
  const fromMs = Date.now();
  const settled = (outcome: Pick<Outcome, 'kind' | 'what'>): Outcome => ({
    ...outcome,
    fromMs,
    toMs: Date.now(),
    texts: texts.length,
  });
  try {
    const { pauseMs } = kind;
    const pause = pauseMs === undefined ? {} : { pauseMs };
    const answer = await sendSlowly({ url: origin + api.path, body, headers, agent, signal, ...pause });
    return settled(judge(api, texts, { poisonAt, partial }, answer));
  } catch (error) {
    if (givesUp && signal.aborted) return settled({ kind: 'aborted', what: '' });
    return settled({ kind: 'lost', what: `${kind.name} on ${api.name}: ${String(error)}` });
  } finally {
    clearTimeout(timer);
  }
}

function textOf(random: () => number): string {
  textNumber += 1;
  const words = random() < 0.1 ? 120 : 12;
  return `text ${textNumber} ${'word '.repeat(1 + Math.floor(random() * words))}`;
}

function judge(
  api: Api,
  texts: readonly string[],
  { poisonAt, partial }: { readonly poisonAt: number | undefined; readonly partial: boolean },
  answer: Exchange,
): Pick<Outcome, 'kind' | 'what'> {
  if (answer.status === 200) {
    if (poisonAt !== undefined) {
      const isRight = partial && wrongIndex(api, texts, answer.text, poisonAt) === undefined;
      return isRight
        ? { kind: 'refused-poison', what: '' }
        : { kind: 'wrong', what: `vectors for a poisoned text (${api.name})` };
    }
    const wrong = wrongAt(api, texts, answer.text);
    return wrong === undefined
      ? { kind: 'right', what: '' }
      : { kind: 'wrong', what: `${api.name}: ${wrong}` };
  }
  const { status, message, word } = refusalOf(api, answer);
  const what = `${status} ${word} on ${api.name}: ${message}`;
  const refusesInput = status === (api.name === 'tei' ? 422 : 400) && message.includes(String(poisonAt));
  return { kind: poisonAt !== undefined && refusesInput ? 'refused-poison' : 'failed', what };
}

/** What is wrong with an answer; numbers are compared as they are spelled. */
function wrongAt(api: Api, texts: readonly string[], text: string): string | undefined {
  const expected = texts.map((one) => expectedVectorJson(one, { model: MODEL }));
  if (api.name !== 'openai')
    return text.trim() === `[${expected.join(',')}]` ? undefined : wrongIndex(api, texts, text);
  return wrongIndex(api, texts, text);
}

/** Where `missingAt` is given no vector is to be there, and all others are to be right. */
function wrongIndex(
  api: Api,
  texts: readonly string[],
  text: string,
  missingAt?: number,
): string | undefined {
  const vectors = api.vectors(text);
  if (vectors.length !== texts.length) return `${vectors.length} vectors of ${texts.length} texts`;
  const index = texts.findIndex((one, i) => {
    if (i === missingAt) return Array.isArray(vectors[i]);
    const expected: number[] = JSON.parse(expectedVectorJson(one, { model: MODEL }));
    const vector = vectors[i] ?? [];
    return vector.length !== expected.length || expected.some((value, k) => vector[k] !== value);
  });
  return index < 0 ? undefined : `vector ${index} of ${texts.length}`;
}
