import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import { TransitRoom } from './transit-room.ts';

function setUp(maxBytes: number) {
  const clock = new ManualClock();
  const room = new TransitRoom(maxBytes, clock);
  const cut: string[] = [];
  const begin = (name: string, bytes = 0) => room.begin(() => void cut.push(name), bytes);
  return { clock, room, cut, begin };
}

it('has room while fewer bytes than allowed are under way', () => {
  const { room, begin, cut } = setUp(100);
  const first = begin('a', 60);
  expect(room.makeRoom()).toBe(true);
  const second = begin('b', 500);
  expect([room.bytes, room.makeRoom()]).toEqual([560, false]);
  second.end();
  second.end();
  expect([room.bytes, room.makeRoom()]).toEqual([60, true]);
  first.end();
  expect({ bytes: room.bytes, cut }).toEqual({ bytes: 0, cut: [] });
});

it('cuts the slowest when it is full, and only then', async () => {
  const { clock, room, begin, cut } = setUp(100);
  begin('idle', 60);
  await clock.advance(60_000);
  expect({ free: room.makeRoom(), cut }).toEqual({ free: true, cut: [] });
  begin('new', 60);
  expect(room.makeRoom()).toBe(true);
  expect({ bytes: room.bytes, cut }).toEqual({ bytes: 60, cut: ['idle'] });
});

it('keeps new ones out while all are fast enough, and looks again soon', async () => {
  const { clock, room, begin, cut } = setUp(100);
  begin('a', 100);
  await clock.advance(1_950);
  expect(room.makeRoom()).toBe(false);
  await clock.advance(60);
  expect({ free: room.makeRoom(), cut }).toEqual({ free: false, cut: [] });
  await clock.advance(40);
  expect({ free: room.makeRoom(), cut }).toEqual({ free: true, cut: ['a'] });
});

it('takes no more of one that was cut, nor of one that there is no room for', async () => {
  const { clock, begin, cut } = setUp(100);
  const [slow, fast] = [begin('slow'), begin('fast')];
  expect(slow.add(50)).toBe(true);
  await clock.advance(5_000);
  const late = begin('late');
  expect(late.add(60)).toBe(true);
  expect(cut).toEqual(['slow']);
  expect(slow.add(1)).toBe(false);
  fast.end();
  expect(late.add(60)).toBe(false);
});
