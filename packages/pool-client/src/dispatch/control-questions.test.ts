import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import type { Backend } from '../backend/backend.ts';
import { ControlQuestions } from './control-questions.ts';

/** A backend that answers each probe when told to, and counts them. */
function backend() {
  const asked: PromiseWithResolvers<boolean>[] = [];
  const probe = () => {
    const answer = Promise.withResolvers<boolean>();
    asked.push(answer);
    return answer.promise;
  };
  // `as` holds: nothing else of a backend is used.
  return { one: { probe } as unknown as Backend, asked };
}

it('asks a backend, and hands its answer on', async () => {
  const questions = new ControlQuestions(new ManualClock());
  for (const answer of [true, false]) {
    const { one, asked } = backend();
    const passed = questions.passes(one);
    asked[0]?.resolve(answer);
    expect(await passed).toBe(answer);
  }
});

it.each([
  ['one question serves all that ask while it is open', 0, 1],
  ['one question serves a second', 999, 1],
  ['after a second it asks anew', 1_000, 2],
])('%s', async (_fact, laterMs, times) => {
  const clock = new ManualClock(5_000);
  const questions = new ControlQuestions(clock);
  const { one, asked } = backend();
  const answers = [questions.passes(one)];
  await clock.advance(laterMs);
  answers.push(questions.passes(one), questions.passes(one));
  expect(asked.length).toBe(times);
  asked.forEach(({ resolve }, index) => {
    resolve(index === 0);
  });
  expect(await Promise.all(answers)).toEqual([true, times === 1, times === 1]);
});

it('asks each backend itself', async () => {
  const questions = new ControlQuestions(new ManualClock());
  const [a, b] = [backend(), backend()];
  const answers = [questions.passes(a.one), questions.passes(b.one)];
  a.asked[0]?.resolve(true);
  b.asked[0]?.resolve(false);
  expect(await Promise.all(answers)).toEqual([true, false]);
});
