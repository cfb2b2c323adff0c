import { expectedVectorJson } from '@forebay/testing';
import { describe, expect, it } from 'vitest';
import { holdsVectors, prepareRequests } from './prepared-request.ts';

describe('prepareRequests', () => {
  it('writes whole requests whose texts follow each other', () => {
    const [one, two] = prepareRequests([1, 2], { 'x-forebay-priority': 'bulk' });
    const [head = '', body = ''] = two?.bytes.toString().split('\r\n\r\n') ?? [];
    expect(head.split('\r\n').slice(1)).toEqual([
      'host: 127.0.0.1',
      'content-type: application/json',
      `content-length: ${body.length}`,
      'x-forebay-priority: bulk',
    ]);
    expect(JSON.parse(body)).toEqual({ inputs: two?.texts });
    expect(new Set([...(one?.texts ?? []), ...(two?.texts ?? [])]).size).toBe(3);
    expect(two?.vectors.map(String)).toEqual(two?.texts.map((text) => expectedVectorJson(text)));
  });

  it('begins anew when there are no more different texts', () => {
    const [first, second] = prepareRequests([2048, 1]);
    expect(second?.texts).toEqual(first?.texts.slice(0, 1));
  });
});

describe('holdsVectors', () => {
  const vectors = ['[1,2]', '[3,4]', '[5,6]'].map((json) => Buffer.from(json));

  it.each([
    ['the list in one piece', ['[[1,2],[3,4],[5,6]]'], true],
    ['the list cut anywhere', ['[', '[1,', '2],[3,4]', ',[5,6', ']', ']'], true],
    ['a number that is off', ['[[1,2],[3,5],[5,6]]'], false],
    ['two in each other’s place', ['[[3,4],[1,2],[5,6]]'], false],
    ['a vector too few', ['[[1,2],[3,4]]'], false],
    ['a vector too many', ['[[1,2],[3,4],[5,6],[5,6]]'], false],
    ['something after the end', ['[[1,2],[3,4],[5,6]]', ' '], false],
    ['an end that is missing', ['[[1,2],[3,4],[5,6]'], false],
    ['nothing', [], false],
  ])('looks at %s', (_, pieces, holds) => {
    expect(
      holdsVectors(
        pieces.map((piece) => Buffer.from(piece)),
        vectors,
      ),
    ).toBe(holds);
  });
});
