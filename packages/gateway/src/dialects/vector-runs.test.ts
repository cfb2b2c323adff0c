import { describe, expect, it } from 'vitest';
import { vectorList, vectorRuns } from './vector-runs.ts';

const source = Buffer.from('[[1],[2], [3],[4]]');
const one = { source, start: 1, end: 4 };
const two = { source, start: 5, end: 8 };
const three = { source, start: 10, end: 13 };
const four = { source, start: 14, end: 17 };

function texts(parts: readonly Buffer[]): string[] {
  return parts.map((part) => part.toString());
}

describe('runs of vectors', () => {
  it('forward neighbours as one piece of their answer, uncopied', () => {
    const parts = vectorRuns([one, two, three, four]);
    expect(texts(parts)).toEqual(['[1],[2], [3],[4]']);
    expect(parts[0]?.buffer).toBe(source.buffer);
    expect(parts[0]?.byteOffset).toBe(source.byteOffset + 1);
  });

  it.each([
    ['one is left out', [one, three], ['[1]', ',', '[3]']],
    ['the order is another', [two, one], ['[2]', ',', '[1]']],
    ['one is repeated', [one, one], ['[1]', ',', '[1]']],
    ['the answer is another', [one, { ...two, source: Buffer.from(source) }], ['[1]', ',', '[2]']],
    ['there are two runs', [three, four, one, two], ['[3],[4]', ',', '[1],[2]']],
  ])('are cut where %s', (_name, vectors, expected) => {
    expect(texts(vectorRuns(vectors))).toEqual(expected);
  });

  it.each([
    ['in the middle', [one, undefined, three, four], ['[1]', ',', 'null', ',', '[3],[4]']],
    ['at the ends', [undefined, two, three, undefined], ['null', ',', '[2], [3]', ',', 'null']],
    ['twice', [one, undefined, undefined, four], ['[1]', ',', 'null', ',', 'null', ',', '[4]']],
    ['everywhere', [undefined], ['null']],
  ])('have null where a vector is missing %s', (_where, vectors, expected) => {
    expect(texts(vectorRuns(vectors))).toEqual(expected);
  });

  it.each(['[1] [2]', '[1],,[2]', '[1]x,[2]'])('trust no gap but one comma: %s', (text) => {
    const odd = Buffer.from(text);
    const vectors = [
      { source: odd, start: 0, end: 3 },
      { source: odd, start: odd.length - 3, end: odd.length },
    ];
    expect(texts(vectorRuns(vectors))).toEqual(['[1]', ',', '[2]']);
  });
});

describe('a list of vectors', () => {
  it('is the answer itself where it is all of it', () => {
    const parts = vectorList([one, two, three, four]);
    expect(texts(parts)).toEqual(['[[1],[2], [3],[4]]']);
    expect(parts[0]?.buffer).toBe(source.buffer);
  });

  it('is the list inside an answer that holds more', () => {
    const wrapped = Buffer.from('{"a":[[1],[2]],"b":[]}\n');
    const vectors = [5, 9].map((start) => ({ source: wrapped, start: start + 1, end: start + 4 }));
    expect(texts(vectorList(vectors))).toEqual(['[[1],[2]]']);
  });

  it.each([
    ['the first is missing', [two, three, four], '[[2], [3],[4]]'],
    ['the last is missing', [one, two, three], '[[1],[2], [3]]'],
    ['the order is another', [one, three, two, four], '[[1],[3],[2],[4]]'],
    ['one is missing', [one, two, undefined, four], '[[1],[2],null,[4]]'],
    ['the last failed', [one, two, three, undefined], '[[1],[2], [3],null]'],
    ['one comes twice', [one, two, three, four, four], '[[1],[2], [3],[4],[4]]'],
  ])('is put together where %s', (_name, vectors, expected) => {
    expect(texts(vectorList(vectors)).join('')).toBe(expected);
  });

  it('is put together where no bracket stands around', () => {
    const bare = Buffer.from('[1],[2]');
    const vectors = [0, 4].map((start) => ({ source: bare, start, end: start + 3 }));
    expect(texts(vectorList(vectors)).join('')).toBe('[[1],[2]]');
  });
});
