import { expect, it } from 'vitest';
import { ScalerError } from '../errors.ts';
import { RefusedOrders } from './refused-orders.ts';

const full = new ScalerError('SCALER_DRIVER_CAPACITY', 'no room');
const order = (desired: number, launch: readonly string[], remove: readonly string[] = []) => ({
  group: 'cpu',
  desired,
  launch,
  remove,
});

it('tries again at once after one that was cut off, and holds every order back after the second', () => {
  const refused = new RefusedOrders();
  refused.count(order(2, ['a']), new Error('cut off'), [], 1_000);
  expect(refused.holdBack(order(2, ['a']), [], 1_000)).toBe(false);
  refused.count(order(2, ['a']), new Error('cut off'), [], 1_000);
  const untilMs = refused.held('fake', 1)?.untilMs ?? 0;
  expect(untilMs).toBeGreaterThan(1_000);
  expect(refused.holdBack(order(0, [], ['b']), [], untilMs - 1)).toBe(true);
  expect(refused.holdBack(order(2, ['a']), [], untilMs)).toBe(false);
});

it.each([
  ['wants fewer', order(1, []), false],
  ['ends another', order(3, ['a', 'b'], ['c', 'd']), false],
  ['is the same', order(3, ['a', 'b'], ['c']), true],
  ['launches in place of it', order(2, ['a'], ['c']), true],
])('after two that lacked room, knows whether an order that %s waits', (_, next, held) => {
  const refused = new RefusedOrders();
  for (let i = 0; i < 2; i += 1) refused.count(order(3, ['a', 'b'], ['c']), full, [], 1_000);
  expect(refused.holdBack(next, [], 1_000)).toBe(held);
});

it('counts those in a row, with the last reason, until one is taken', () => {
  const refused = new RefusedOrders();
  expect(refused.held('fake', 4)).toBeUndefined();
  refused.count(order(2, ['a']), new Error('cut off'), [], 1_000);
  refused.count(order(2, ['a']), full, [], 2_000);
  expect(refused.held('fake', 4)).toMatchObject({
    name: 'refused-orders',
    because: 'fake refused 2 order(s) in a row, the last one: no room',
    existing: 4,
  });
  refused.forget();
  expect(refused.held('fake', 4)).toBeUndefined();
  expect(refused.holdBack(order(2, ['a']), [], 2_000)).toBe(false);
});

it.each([
  ['launches another beside those that exist', order(4, ['c'], ['x']), ['a', 'b'], false],
  ['launches another while one is missing', order(4, ['b', 'c'], ['x']), ['a'], true],
  ['wants no more', order(3, [], ['x']), ['a', 'b'], true],
])(
  'after two in which one could not be ended, knows whether an order that %s waits',
  (_, next, ids, held) => {
    const refused = new RefusedOrders();
    const existing = ids.map((id) => ({ id }));
    for (let i = 0; i < 2; i += 1)
      refused.count(order(3, ['a', 'b'], ['x']), new Error('protected'), [], 1_000);
    expect(refused.holdBack(next, existing, 1_000)).toBe(held);
  },
);

it('counts anew what is left of an order that went through in part', () => {
  const refused = new RefusedOrders();
  for (let i = 0; i < 5; i += 1) refused.count(order(2, ['a', 'b']), full, [], 1_000);
  refused.count(order(2, ['b']), full, [{ id: 'a' }], 1_000);
  expect(refused.held('fake', 1)?.untilMs).toBe(1_000);
});
