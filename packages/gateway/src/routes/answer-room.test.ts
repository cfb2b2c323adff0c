import { expect, it } from 'vitest';
import { AnswerRoom } from './answer-room.ts';

it('refuses while as many bytes as allowed are unread', () => {
  const room = new AnswerRoom(100);
  expect(room.refusal).toBeUndefined();
  const first = room.hold(60);
  expect(room.refusal).toBeUndefined();
  const second = room.hold(500);
  expect(room.refusal).toMatchObject({ kind: 'queue_full', message: expect.stringMatching(/560 .*100/) });
  second();
  expect(room.refusal).toBeUndefined();
  const third = room.hold(40);
  expect(room.refusal).toBeDefined();
  third();
  first();
  expect(room.refusal).toBeUndefined();
});
