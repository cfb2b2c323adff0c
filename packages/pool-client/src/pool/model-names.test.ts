import { describe, expect, it } from 'vitest';
import { chooseModel, type ModelChoice } from './model-names.ts';

const MINILM = 'all-MiniLM-L6-v2';
const BOTH = ['all-MiniLM-L6-v2', 'bge-small'];
const aliases = new Map([
  ['default', MINILM],
  ['text-embedding-3-small', MINILM],
  ['gone', 'not-served'],
]);

describe('chooseModel', () => {
  it.each<[string, string | undefined, string[], ModelChoice]>([
    ['the exact name', MINILM, BOTH, { kind: 'known', model: MINILM }],
    ['an alias', 'default', BOTH, { kind: 'known', model: MINILM }],
    [
      'a name with an organisation',
      `sentence-transformers/${MINILM}`,
      BOTH,
      { kind: 'known', model: MINILM },
    ],
    [
      'an alias with an organisation',
      'openai/text-embedding-3-small',
      BOTH,
      { kind: 'known', model: MINILM },
    ],
    [
      'a model whose own name has a slash',
      'org/model',
      ['org/model', 'model'],
      { kind: 'known', model: 'org/model' },
    ],
    ['no name where there is one model', undefined, [MINILM], { kind: 'known', model: MINILM }],
    ['no name where there are several', undefined, BOTH, { kind: 'ambiguous', models: BOTH }],
    ['another name', 'gpt', BOTH, { kind: 'unknown', models: BOTH }],
    ['an alias of a model that is not there', 'gone', BOTH, { kind: 'unknown', models: BOTH }],
    ['the empty name', '', BOTH, { kind: 'unknown', models: BOTH }],
    ['a name that every object has', 'constructor', BOTH, { kind: 'unknown', models: BOTH }],
  ])('knows what %s means', (_fact, name, known, expected) => {
    expect(chooseModel(name, new Set(known), aliases, false)).toEqual(expected);
    // Once a model is known, a source that is still pending changes nothing.
    expect(chooseModel(name, new Set(known), aliases, true)).toEqual(expected);
  });

  it.each([undefined, MINILM])('leaves %s open while a source may still show models', (name) => {
    expect(chooseModel(name, new Set(), aliases, true)).toEqual({ kind: 'undetermined' });
    expect(chooseModel(name, new Set(), aliases, false)).toEqual({ kind: 'unknown', models: [] });
  });
});
