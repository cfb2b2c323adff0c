import { describe, expect, it } from 'vitest';
import { readTrace } from './read-trace.ts';

describe('readTrace', () => {
  it.each([
    ['rows in order', 'second,requests\n0,1\n1,2\n', [1, 2]],
    ['a second without a row has none', 'second,requests\n1,5\n3,7', [0, 5, 0, 7]],
    ['rows in any order', 'second,requests\n2,3\n0,1', [1, 0, 3]],
    [
      'Windows line ends, a byte order mark, spaces, empty lines',
      '\uFEFFsecond, requests\r\n0 , 1\r\n\r\n1,2\r\n',
      [1, 2],
    ],
    ['whole numbers with a point', 'second,requests\n0.0,4.0', [4]],
  ])('reads %s', (_, text, expected) => {
    expect(readTrace(text)).toEqual({ kind: 'trace', requests: Float64Array.from(expected) });
  });

  it.each([
    ['', 'line 1: expected the header "second,requests", got ""'],
    ['0,1\n', 'line 1: expected the header "second,requests", got "0,1"'],
    ['second,requests\n', 'no rows'],
    ['second,requests\n0,1\n1', 'line 3: expected two whole numbers "second,requests", got "1"'],
    ['second,requests\n0,-1', 'line 2: expected two whole numbers "second,requests", got "0,-1"'],
    ['second,requests\n0,1.5', 'line 2: expected two whole numbers "second,requests", got "0,1.5"'],
    ['second,requests\n0,1,2', 'line 2: expected two whole numbers "second,requests", got "0,1,2"'],
    ['second,requests\n0,', 'line 2: expected two whole numbers "second,requests", got "0,"'],
    ['second,requests\n1700000000,1', 'line 2: second must be at most 2678400, got 1700000000'],
    ['second,requests\n4,1\n4,1', 'line 3: second 4 has a row already'],
  ])('says what is wrong with %j', (text, message) => {
    expect(readTrace(text)).toEqual({ kind: 'problem', message });
  });
});
