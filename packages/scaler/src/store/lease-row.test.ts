import { expect, it } from 'vitest';
import { CLOCK_SLACK_MS, type LeaseRow, nextLeaseRow } from './lease-row.ts';

const row: LeaseRow = { holder: 'a', epoch: 7, untilMs: 50_000, ttlMs: 15_000 };

it.each([
  ['starts with epoch 1', undefined, 'b', 40_000, 1],
  ['is renewed by its holder under its epoch', row, 'a', 40_000, 7],
  ['is renewed by its holder after its end, while nobody took it', row, 'a', 90_000, 7],
  ['is taken at its end under the next epoch', row, 'b', 50_000, 8],
  ['is taken when the clock was set back', row, 'b', 50_000 - 15_000 - CLOCK_SLACK_MS - 1, 8],
] as const)('%s', (_name, before, holder, nowMs, epoch) => {
  expect(nextLeaseRow(before, { holder, nowMs, ttlMs: 20_000 })).toEqual({
    kind: 'taken',
    row: { holder, epoch, untilMs: nowMs + 20_000, ttlMs: 20_000 },
  });
});

it.each([
  ['a millisecond before its end', 49_999],
  ['to one whose clock was read a moment before it was taken', 50_000 - 15_000 - CLOCK_SLACK_MS],
])('is not given away %s', (_name, nowMs) => {
  const other = { kind: 'other', holder: 'a', untilMs: 50_000 };
  expect(nextLeaseRow(row, { holder: 'b', nowMs, ttlMs: 20_000 })).toEqual(other);
});
