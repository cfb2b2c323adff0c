import { describe, expect, it } from 'vitest';
import { shortCanaries } from '../identity/canary-texts.ts';
import { fingerprintOf } from '../identity/fingerprint.ts';
import type { VectorBytes } from '../protocol/vector-bytes.ts';
import { AnswerCheck, canaryFlawOf } from './answer-check.ts';

/** Vectors of one answer, in the order given. */
function answer(...vectors: readonly string[]): VectorBytes[] {
  const source = Buffer.from(`[${vectors.join(',')}]`);
  let start = 1;
  return vectors.map((vector) => {
    const end = start + Buffer.byteLength(vector);
    const bytes = { source, start, end };
    start = end + 1;
    return bytes;
  });
}

const WELL = '[0.6,0.8]';
const ZERO = '[0.0,0.0]';
const HUGE = '[6.0,8.0]';

/** A check that knows one backend's vectors: two dimensions, norm 1. */
function checkOf(mode: 'fast' | 'full'): AnswerCheck {
  const check = new AnswerCheck(mode);
  check.expect(
    fingerprintOf(
      shortCanaries.map(() => [0.6, 0.8]),
      'refused',
    ),
  );
  return check;
}

describe('AnswerCheck', () => {
  it('knows the dimensions of a backend once it was let in', () => {
    expect(new AnswerCheck('fast').dimensions).toBeUndefined();
    expect(checkOf('fast').dimensions).toBe(2);
  });

  it('finds nothing wrong with right vectors, one or many, trusted or not', () => {
    for (const mode of ['fast', 'full'] as const) {
      for (const trusted of [true, false]) {
        expect(checkOf(mode).flawOf(answer(WELL), trusted)).toBeUndefined();
        expect(checkOf(mode).flawOf(answer(WELL, WELL, WELL), trusted)).toBeUndefined();
      }
    }
  });

  it.each([
    ['other dimensions', '[0.6,0.8,0.0]', 'has 3 dimensions, expected 2'],
    ['no length', ZERO, 'has the norm 0'],
    ['another length', HUGE, 'has the norm 10, expected 0.5 to 2'],
    ['something that is no number', '[0.6,null]', 'is no flat list of numbers'],
  ])('names the vector with %s, and what is wrong with it', (_what, vector, said) => {
    expect(checkOf('full').flawOf(answer(WELL, vector, WELL), true)).toMatchObject({
      message: `Vector 1 of 3 ${said}`,
      badIndices: [1],
    });
  });

  it('reads one vector in turn, so that a bad one shows soon', () => {
    const check = checkOf('fast');
    const found = Array.from({ length: 6 }, () => check.flawOf(answer(WELL, WELL, ZERO), true)?.badIndices);
    expect(found.filter((indices) => indices !== undefined)).toEqual([[2], [2]]);
  });

  it('reads them all where it was told to', () => {
    const check = checkOf('full');
    const found = Array.from({ length: 3 }, () => check.flawOf(answer(WELL, WELL, ZERO), true)?.badIndices);
    expect(found).toEqual([[2], [2], [2]]);
  });

  it('reads them all while the backend is not trusted', () => {
    const check = checkOf('fast');
    const found = Array.from({ length: 3 }, () => check.flawOf(answer(WELL, WELL, ZERO), false)?.badIndices);
    expect(found).toEqual([[2], [2], [2]]);
  });

  it('believes nothing beside a flaw before the backend was let in', () => {
    expect(new AnswerCheck('fast').flawOf(answer(WELL, ZERO, WELL), true)).toMatchObject({
      message: 'Vector 1 of 3 has the norm 0',
      badIndices: [0, 1, 2],
    });
  });

  it('goes by how the backend was let in last', () => {
    const check = checkOf('full');
    check.expect(
      fingerprintOf(
        shortCanaries.map(() => [6, 8, 0]),
        'refused',
      ),
    );
    expect(check.dimensions).toBe(3);
    expect(check.flawOf(answer('[6.0,8.0,0.0]'), true)).toBeUndefined();
    expect(check.flawOf(answer('[0.6,0.8,0.0]'), true)?.badIndices).toEqual([0]);
  });
});

describe('canaryFlawOf', () => {
  it('compares canary vectors with nothing but each other', () => {
    expect(canaryFlawOf(answer(HUGE, WELL))).toBeUndefined();
    expect(canaryFlawOf(answer('[1,2,3]', '[1,2]'))?.badIndices).toEqual([1]);
  });

  it('reads all of them', () => {
    expect(canaryFlawOf(answer(WELL, ZERO, WELL, ZERO))).toMatchObject({
      message: 'Vector 1 of 4 has the norm 0',
      badIndices: [1, 3],
    });
  });
});
