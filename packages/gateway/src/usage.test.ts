import { describe, expect, it } from 'vitest';
import { estimateTokens, lengthInTokens, tokenCounter } from './usage.ts';

describe('estimateTokens', () => {
  it.each([
    [[''], 1],
    [['abcd'], 1],
    [['abcde'], 2],
    [['abcd', 'efgh'], 2],
    [['a'.repeat(400), ''], 101],
  ])('of %j is %d', (texts, promptTokens) => {
    expect(estimateTokens(texts)).toEqual({ promptTokens, estimated: true });
  });
});

describe('tokenCounter', () => {
  const vocab = { '[UNK]': 0, '[CLS]': 1, '[SEP]': 2, hello: 3, world: 4, '##s': 5 };
  const definition = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [
        { SpecialToken: { id: '[CLS]', type_id: 0 } },
        { Sequence: { id: 'A', type_id: 0 } },
        { SpecialToken: { id: '[SEP]', type_id: 0 } },
      ],
      pair: [],
      special_tokens: {
        '[CLS]': { id: '[CLS]', ids: [1], tokens: ['[CLS]'] },
        '[SEP]': { id: '[SEP]', ids: [2], tokens: ['[SEP]'] },
      },
    },
    decoder: null,
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab,
    },
  };

  it.each([
    [['hello'], 3],
    [['Hello Worlds'], 5],
    [['hello', 'what world'], 7],
    [[''], 2],
  ])('counts %j with its special tokens: %d', (texts, promptTokens) => {
    expect(tokenCounter(JSON.stringify(definition))(texts)).toEqual({ promptTokens, estimated: false });
  });

  it('makes four characters of each token for batch budgets, and leaves guesses alone', () => {
    expect(lengthInTokens('Hello Worlds', tokenCounter(JSON.stringify(definition)))).toBe(20);
    expect(lengthInTokens('Hello Worlds', estimateTokens)).toBe(12);
  });

  it.each(['no JSON', '{}', '[]'])('throws for %j, which is no tokenizer', (text) => {
    expect(() => tokenCounter(text)).toThrow(Error);
  });
});
