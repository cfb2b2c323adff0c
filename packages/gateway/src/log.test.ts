import { expect, it } from 'vitest';
import { loggableFault, makeLogger } from './log.ts';

function thrownBy(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

it('says type, code, message and place of an error, and nothing that it carries', () => {
  const error = Object.assign(new RangeError('too far', { cause: new Error('secret') }), {
    code: 'E_FAR',
    body: 'secret',
  });
  const fault = loggableFault(error);
  expect(fault).toEqual({
    type: 'RangeError',
    code: 'E_FAR',
    message: 'too far',
    stack: expect.arrayContaining([expect.stringMatching(/^at .*log\.test\.ts:\d+/)]),
  });
  expect(JSON.stringify(fault)).not.toContain('secret');
});

it('doesn’t repeat what a parser quotes', () => {
  const error = thrownBy(() => JSON.parse('{"inputs": secret}'));
  expect(String(error)).toContain('secret');
  expect(JSON.stringify(loggableFault(error))).not.toContain('secret');
});

it('doesn’t show what is thrown and no error', () => {
  expect(JSON.stringify(loggableFault('secret'))).not.toContain('secret');
});

it('is what `err` becomes in a line of the log', () => {
  const lines: string[] = [];
  makeLogger('info', { write: (line) => void lines.push(line) }).error({ err: new TypeError('no') }, 'oops');
  expect(JSON.parse(lines.join(''))).toMatchObject({
    msg: 'oops',
    err: { type: 'TypeError', message: 'no' },
  });
});
