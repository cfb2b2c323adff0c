import { expectedVector, expectedVectorJson } from '@forebay/testing';
import { type Api, refusalOf } from '../../test/apis.ts';
import type { Exchange } from '../../test/exchange.ts';

/** What an answer is worth. `ill-formed` is an error that is not in the contract's form: its body, or a missing `retry-after`. */
export type Verdict = 'right' | 'wrong' | 'refused' | 'ill-formed';

/**
 * Compares every number of every vector with what the backends compute. A list whose text is the backends' own is compared as text, which
 * costs a tenth of parsing it; any other is parsed.
 */
export function verdictOf(api: Api, texts: readonly string[], answer: Exchange): Verdict {
  if (answer.status !== 200) return isWellFormed(api, answer) ? 'refused' : 'ill-formed';
  if (answer.text === `[${texts.map((text) => expectedVectorJson(text)).join(',')}]`) return 'right';
  return hasRightNumbers(api, texts, answer.text) ? 'right' : 'wrong';
}

function hasRightNumbers(api: Api, texts: readonly string[], body: string): boolean {
  try {
    const vectors = api.vectors(body);
    return vectors.length === texts.length && texts.every((text, i) => isSame(vectors[i], text));
  } catch {
    return false; // no JSON, or of another form: no right answer
  }
}

function isSame(vector: readonly number[] | undefined, text: string): boolean {
  const expected = expectedVector(text);
  return vector?.length === expected.length && expected.every((value, i) => vector[i] === value);
}

function isWellFormed(api: Api, answer: Exchange): boolean {
  try {
    const { word, message } = refusalOf(api, answer);
    if ([429, 503].includes(answer.status) && !answer.headers['retry-after']) return false;
    return typeof word === 'string' && typeof message === 'string' && message !== '';
  } catch {
    return false; // it says itself what is wrong, and the verdict's record keeps the text
  }
}
