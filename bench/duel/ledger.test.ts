import { expect, it } from 'vitest';
import { FELL_BEHIND, Ledger } from './ledger.ts';
import { type PreparedRequest, prepareRequests } from './prepared-request.ts';

const [request] = prepareRequests([3]) as [PreparedRequest];
const right = {
  kind: 'answered',
  answer: {
    status: 200,
    keepsOpen: true,
    body: [Buffer.from(`[${request.vectors.map(String).join(',')}]`)],
  },
} as const;
const withBody = (text: string) => ({ ...right, answer: { ...right.answer, body: [Buffer.from(text)] } });

/** A ledger that counts from now on. */
function counting(kind: 'open' | 'closed'): Ledger {
  const ledger = new Ledger('a', kind);
  ledger.begin(performance.now());
  return ledger;
}

it('takes an answer that is only spaced otherwise, and no other numbers', () => {
  const ledger = counting('closed');
  const spaced = JSON.stringify(JSON.parse(String(right.answer.body[0])), null, 1);
  expect(ledger.opened(request, 0)(withBody(spaced))).toBe(true);
  expect(ledger.opened(request, 0)(withBody('[[1],[2],[3]]'))).toBe(false);
  const { checked, answeredChunks, failures } = ledger.result();
  expect([checked, answeredChunks, failures]).toEqual([2, 3, new Map([['wrong vectors', 1]])]);
});

it('judges an open loop by what was due while counting', () => {
  const ledger = new Ledger('a', 'open');
  const early = ledger.opened(request, performance.now());
  ledger.begin(performance.now());
  const [due, late] = [ledger.opened(request, performance.now()), ledger.opened(request, performance.now())];
  early({ kind: 'broken', why: 'early' });
  due({ kind: 'broken', why: 'reset' });
  ledger.end(performance.now());
  late(right);
  const { dueChunks, countedChunks, latenciesMs, failures } = ledger.result();
  expect([dueChunks, countedChunks, latenciesMs.length]).toEqual([6, 0, 1]);
  expect(failures).toEqual(new Map([['reset', 1]]));
});

it('counts what an open loop should have sent', () => {
  const ledger = counting('open');
  ledger.end(performance.now());
  expect(ledger.missed(request, performance.now() + 1)).toBe(false);
  const beforeTheEnd = counting('open');
  const dueMs = performance.now();
  beforeTheEnd.end(performance.now());
  expect(beforeTheEnd.missed(request, dueMs)).toBe(true);
  expect(beforeTheEnd.result()).toMatchObject({
    dueChunks: 3,
    failures: new Map([[FELL_BEHIND, 1]]),
  });
});

it('waits a while for what is unanswered, then counts it', () => {
  const ledger = counting('closed');
  ledger.opened(request, 0);
  const endMs = performance.now();
  ledger.end(endMs);
  expect([9_999, 10_001].map((afterMs) => ledger.awaits(endMs + afterMs))).toEqual([true, false]);
  expect(ledger.result().failures).toEqual(new Map([['no answer 10 s after the end', 1]]));
});
