import { Tokenizer } from '@huggingface/tokenizers';

/** Longest input of the model, [CLS] and [SEP] included; what is beyond is cut off, as sentence-transformers does. */
export const MAX_TOKENS = 256;

/** Turns a text into the ids of at most {@link MAX_TOKENS} tokens. */
export type TextTokenizer = (text: string) => readonly number[];

/**
 * Makes a tokenizer from the parsed `tokenizer.json`. Of a long text only as much is read as fills the model: a megabyte
 * costs no more than a page.
 */
export function createTextTokenizer(definition: object): TextTokenizer {
  const tokenizer = new Tokenizer(definition, {});
  return (text) => {
    for (let limit = FIRST_CHARACTERS; limit < text.length; limit *= 4) {
      const end = lastBreak(text, limit);
      if (end === 0) continue;
      const { ids } = tokenizer.encode(text.slice(0, end));
      // What follows a break can't change the tokens before it.
      if (ids.length >= MAX_TOKENS) return truncate(ids);
    }
    return truncate(tokenizer.encode(text).ids);
  };
}

/** A page: 256 tokens of most languages fit in. */
const FIRST_CHARACTERS = 4096;
const BREAKS = /[ \t\n\r]/;

/** Where the last blank before `limit` stands; 0 when there is none. */
function lastBreak(text: string, limit: number): number {
  let end = limit;
  while (end > 0 && !BREAKS.test(text[end] ?? '')) end -= 1;
  return end;
}

/** Keeps the last token, which is [SEP]. */
function truncate(ids: readonly number[]): readonly number[] {
  return ids.length <= MAX_TOKENS ? ids : [...ids.slice(0, MAX_TOKENS - 1), ...ids.slice(-1)];
}
