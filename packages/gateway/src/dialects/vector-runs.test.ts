import { describe, expect, it } from 'vitest';
import { vectorRuns } from './vector-runs.ts';

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

  it.each(['[1] [2]', '[1],,[2]', '[1]x,[2]'])('trust no gap but one comma: %s', (text) => {
    const odd = Buffer.from(text);
    const vectors = [
      { source: odd, start: 0, end: 3 },
      { source: odd, start: odd.length - 3, end: odd.length },
    ];
    expect(texts(vectorRuns(vectors))).toEqual(['[1]', ',', '[2]']);
  });
});
