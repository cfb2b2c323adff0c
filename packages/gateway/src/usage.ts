import { Tokenizer } from '@huggingface/tokenizers';
import type { Usage } from './dialects/dialect.ts';

/** Counts the tokens of a request's texts. */
export type CountTokens = (texts: readonly string[]) => Usage;

/** English text has about four characters a token. */
const CHARACTERS_PER_TOKEN = 4;

/** A guess from the characters, at least one token a text; for when there is no tokenizer. */
export const estimateTokens: CountTokens = (texts) => ({
  promptTokens: texts.reduce(
    (sum, text) => sum + Math.max(1, Math.ceil(text.length / CHARACTERS_PER_TOKEN)),
    0,
  ),
  estimated: true,
});

/**
 * Counts the tokens of whole texts with a tokenizer, its special tokens included; what a backend cuts off is counted too.
 * @param tokenizerJson The text of a `tokenizer.json`.
 * @throws Error when it is none.
 */
export function tokenCounter(tokenizerJson: string): CountTokens {
  const tokenizer = new Tokenizer(JSON.parse(tokenizerJson), {});
  return (texts) => ({
    promptTokens: texts.reduce((sum, text) => sum + tokenizer.encode(text).ids.length, 0),
    estimated: false,
  });
}

/** The length of a text as batch budgets count it: four characters for each token, or its characters where tokens are only guessed. */
export function lengthInTokens(text: string, count: CountTokens): number {
  const { promptTokens, estimated } = count([text]);
  return estimated ? text.length : CHARACTERS_PER_TOKEN * promptTokens;
}
