import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOW_MS } from '../decide/decision.test-support.ts';
import type { StoredReplica } from '../store/store.ts';
import type { ObservedReplica } from '../values/replica.ts';
import {
  draining,
  leaving,
  observed,
  ready,
  starting,
  terminating,
  unhealthy,
} from './replica.test-support.ts';
import { type ReplicaEvent, transition } from './transition.ts';

const at = { about: 'a', because: 'it said so', atMs: NOW_MS };
const list = (state: ObservedReplica['state']): ReplicaEvent => ({
  kind: 'listed',
  as: observed('a', state),
});

/** The columns of the table, in its order. */
const EVENTS: Readonly<Record<string, ReplicaEvent>> = {
  'listed starting': list('starting'),
  'listed ready': list('ready'),
  'listed unhealthy': list('unhealthy'),
  'listed failed': list('failed'),
  'listed gone': list('gone'),
  vanished: { kind: 'vanished' },
  'says ready': { kind: 'reported', report: { ...at, kind: 'ready' } },
  'says unhealthy': { kind: 'reported', report: { ...at, kind: 'unhealthy' } },
  'advised to leave': { kind: 'reported', report: { ...at, kind: 'leaving' } },
  'has to leave': { kind: 'reported', report: { ...at, kind: 'leaving', deadlineMs: NOW_MS + 120_000 } },
  drain: { kind: 'drain', deadlineMs: NOW_MS + 120_000 },
  'take back': { kind: 'take-back' },
  end: { kind: 'end', cause: 'failed', because: 'made up' },
};

const said = { saidReadyAtMs: NOW_MS - 9_000, heardAtMs: NOW_MS - 9_000 };
const drainsForLeaving: StoredReplica = transition(
  leaving('a', 100),
  { kind: 'drain', deadlineMs: NOW_MS + 120_000 },
  NOW_MS,
);

/** L launching, R ready, D draining, U unhealthy, T terminating, - terminated; a small l after it: leaving. The columns are those of EVENTS. */
const TABLE: readonly (readonly [string, StoredReplica, string])[] = [
  //                                         starting ready unhealthy failed gone vanished | ready unhealthy advised has to | drain back end
  [
    'launching',
    starting('a'),
    '              L        R     U         T      -    -          R     U         L       T        D     L    T',
  ],
  [
    'ready',
    ready('a'),
    '                     L        R     U         T      -    -          R     U         Rl      Rl       D     R    T',
  ],
  [
    'ready, said so itself',
    ready('a', said),
    'R       R     U         T      -    -          R     U         Rl      Rl       D     R    T',
  ],
  [
    'ready, leaving',
    leaving('a', 60),
    '      Rl       Rl    U         T      -    -          Rl    U         Rl      Rl       Dl    Rl   T',
  ],
  [
    'draining',
    draining('a'),
    '               D        D     D         T      -    -          D     D         Dl      Dl       D     R    T',
  ],
  [
    'draining, leaving',
    drainsForLeaving,
    '   Dl       Dl    Dl        T      -    -          Dl    Dl        Dl      Dl       Dl    Dl   T',
  ],
  [
    'unhealthy by the list',
    unhealthy('a'),
    ' U        R     U         T      -    -          U     U         U       U        U     U    T',
  ],
  [
    'unhealthy, says it',
    unhealthy('a', 30, 'itself'),
    'U U    U         T      -    -          R     U         U       U        U     U    T',
  ],
  [
    'terminating',
    terminating(ready('a')),
    '  T        T     T         T      -    -          T     T         T       T        T     T    T',
  ],
  ['terminated', ready('a', { state: { kind: 'terminated' } }), '- - - - - - - - - - - - -'],
];

const LETTERS = {
  launching: 'L',
  ready: 'R',
  draining: 'D',
  unhealthy: 'U',
  terminating: 'T',
  terminated: '-',
};

function letter({ state }: StoredReplica): string {
  return `${LETTERS[state.kind]}${'leaving' in state && state.leaving ? 'l' : ''}`;
}

describe.each(TABLE)('one that is %s', (_, row, line) => {
  const letters = line.trim().split(/\s+/);
  it.each(Object.entries(EVENTS).map(([name, event], i) => [name, letters[i], event] as const))(
    'and %s: %s',
    (_name, expected, event) => {
      expect(letter(transition(row, event, NOW_MS))).toBe(expected);
    },
  );
});

it('has docs/replica-states.md with the same table', async () => {
  await expect(page()).toMatchFileSnapshot('../../../../docs/replica-states.md');
});

/** The table as people read it, made by the function itself. */
function page(): string {
  const said = (row: StoredReplica) => {
    const { state } = row;
    return 'leaving' in state && state.leaving ? `${state.kind}, leaving` : state.kind;
  };
  const columns = Object.keys(EVENTS);
  const rows = columns.map((name) => {
    const after = TABLE.map(([, row]) => {
      const next = transition(row, EVENTS[name] as ReplicaEvent, NOW_MS); // `name` is one of its keys
      return said(next) === said(row) ? '·' : said(next);
    });
    return [name, ...after];
  });
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const head = ['', ...TABLE.map(([name]) => `**${name}**`)];
  return `${INTRODUCTION}
${[head, head.map(() => '---'), ...rows].map(line).join('\n')}

\`·\`: it stays as it is. Generated from \`packages/scaler/src/reconcile/transition.ts\` by its test.
`;
}

const INTRODUCTION = `# The states of a replica

The six states of document 001's hosts, for replicas on every platform, and everything that can happen to one. There is one function that
makes one state of another; \`GET /v1/backends\` shows launching as \`starting\`, ready as \`ready\`, and all else that exists as \`draining\`.

- **launching**: ordered or there, not answering yet. Too long, and it is ended (\`startup.timeoutSeconds\`),
  drained first where it may have work: it is not taken back then.
- **ready**: answers. *Leaving*: its platform takes it away (a spot notice) or advises to let it go. It no longer counts, so that its
  replacement is launched at once; it serves on until as many serve without it as are wanted, or until 45 s before its time.
- **draining**: no new work. Ended when every gateway says that it is empty, or when its time is up (\`drainSeconds\`, or the notice's).
  Taken back before anything is launched, unless it is leaving.
- **unhealthy**: answered before and doesn't now, by the driver's list or by its own word; whoever says so is who can say that it is well
  again. It does not count, gets no new work, and is ended when it is empty, or after \`unhealthySeconds\` (12 h; beyond as many as the group's \`max\`
  the longest have only \`drainSeconds\`). While fewer than half of
  the wanted replicas are ready none is ended for being empty: it may be the way to them that has failed, and
  \`GET /v1/backends\` shows those that are unhealthy by the list, if they are more than one, as \`ready\`: gateways see for themselves.
- **terminating**: its end was ordered, and is ordered again until it is gone. Nothing brings it back, whatever it says of itself.
- **terminated**: gone. Such rows are not kept.

Columns are what a replica is, rows what happens. *Listed*: by the driver. *Says*: \`POST /v1/hosts/{id}\`. *Has to leave*: with a deadline.
`;

it('has a letter for each state and event', () => {
  expect(TABLE.map(([, , line]) => line.trim().split(/\s+/).length)).toEqual(
    TABLE.map(() => Object.keys(EVENTS).length),
  );
});

it('takes back what was launching as launching, as old as it is', () => {
  const drains = transition(starting('a', 300), { kind: 'drain', deadlineMs: NOW_MS + 9 }, NOW_MS);
  const again = transition(drains, { kind: 'drain', deadlineMs: NOW_MS + 9 }, NOW_MS);
  expect(transition(again, { kind: 'take-back' }, NOW_MS)).toEqual(starting('a', 300));
});

it('heeds advice once a replica has served for ten minutes, a deadline always', () => {
  const young = ready('a', { state: { kind: 'ready', readyAtMs: NOW_MS - 599_000 } });
  const advice: ReplicaEvent = { kind: 'reported', report: { ...at, kind: 'leaving' } };
  expect(transition(young, advice, NOW_MS)).toBe(young);
  expect(letter(transition(young, advice, NOW_MS + 1_000))).toBe('Rl');
  expect(letter(transition(young, EVENTS['has to leave'] as ReplicaEvent, NOW_MS))).toBe('Rl');
});

it('counts the earliest time that a replica was given, whatever comes later', () => {
  const later: ReplicaEvent = {
    kind: 'reported',
    report: { ...at, kind: 'leaving', deadlineMs: NOW_MS + 90_000 },
  };
  const row = leaving('a', 60);
  expect(transition(row, later, NOW_MS)).toBe(row);
  const advised = leaving('a');
  expect(transition(advised, later, NOW_MS).state).toMatchObject({
    leaving: { deadlineMs: NOW_MS + 90_000 },
  });
});

it('never leaves terminating but to be gone, never comes back from gone, and says nothing new twice', () => {
  const anyRow = fc.constantFrom(...TABLE.map(([, row]) => row));
  const anyEvents = fc.array(fc.constantFrom(...Object.values(EVENTS)), { maxLength: 8 });
  fc.assert(
    fc.property(anyRow, anyEvents, (begin, events) => {
      let row = begin;
      for (const event of events) {
        const next = transition(row, event, NOW_MS);
        if (row.state.kind === 'terminated') expect(next).toBe(row);
        if (row.state.kind === 'terminating')
          expect(['terminating', 'terminated']).toContain(next.state.kind);
        if (event.kind !== 'drain' && event.kind !== 'end')
          expect(transition(next, event, NOW_MS)).toEqual(next);
        row = next;
      }
    }),
    { seed: 7, numRuns: 10_000 },
  );
});

it('heeds what a replica says of itself after the clock was set back by an hour', () => {
  const row = ready('a', { saidReadyAtMs: NOW_MS + 3_600_000, heardAtMs: NOW_MS + 3_600_000 });
  const says = EVENTS['says unhealthy'] as ReplicaEvent; // it is one of its keys
  expect(transition(row, says, NOW_MS)).toMatchObject({ state: { kind: 'unhealthy' }, heardAtMs: NOW_MS });
});
