import { expect, it } from 'vitest';
import { Answers } from './answers.ts';

it('takes an instance for ready from its first answer until it is silent three times in a row', () => {
  const answers = new Answers();
  const states = [false, true, false, false, true, false, false, false, true].map((ok) => {
    answers.take(new Map([['i-1', ok]]));
    return answers.stateOf('i-1');
  });
  const ready = 'ready';
  expect(states).toEqual(['starting', ready, ready, ready, ready, ready, ready, 'unhealthy', ready]);
});

it('forgets those that are not asked any more', () => {
  const answers = new Answers();
  answers.take(new Map([['i-1', true]]));
  answers.take(new Map());
  answers.take(new Map([['i-1', false]]));
  expect(answers.stateOf('i-1')).toBe('starting');
});
