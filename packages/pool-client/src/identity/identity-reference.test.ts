import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareFingerprints } from './compare-fingerprints.ts';
import { fingerprintOfModel } from './fingerprint.test-support.ts';
import {
  type IdentityEvent,
  type IdentityState,
  identityVerdicts,
  transition,
  unknownIdentity,
} from './identity-reference.ts';

const measured = (id: string, model: number, cut: number | 'refused' = 0): IdentityEvent => ({
  kind: 'measured',
  id,
  fingerprint: fingerprintOfModel(model, cut),
});
const left = (id: string): IdentityEvent => ({ kind: 'left', id });
const named = (id: string): IdentityEvent => ({ kind: 'named', id });

const after = (...events: readonly IdentityEvent[]): IdentityState =>
  events.reduce(transition, unknownIdentity);
/** Ids by what becomes of them: "provisional a | a | b c". */
function standing(state: IdentityState): string {
  const verdicts = [...identityVerdicts(state)];
  const ids = (kind: string) =>
    verdicts
      .filter(([, verdict]) => verdict.kind === kind)
      .map(([id]) => id)
      .join(' ');
  const reference = state.kind === 'unknown' ? '' : ` ${state.reference.id}`;
  return `${state.kind}${reference} | ${ids('same')} | ${ids('different')}`;
}

describe('the reference', () => {
  it.each<[string, readonly IdentityEvent[], string]>([
    ['is unknown at first', [], 'unknown |  | '],
    ['is provisionally the first, which serves', [measured('a', 0)], 'provisional a | a | '],
    [
      'stays provisional while one is measured again',
      [measured('a', 0), measured('a', 0)],
      'provisional a | a | ',
    ],
    ['refuses what differs while provisional', [measured('a', 0), measured('b', 1)], 'provisional a | a | b'],
    ['is confirmed by a second', [measured('a', 0), measured('b', 0)], 'confirmed a | a b | '],
    [
      'is outvoted by two others that agree',
      [measured('a', 0), measured('b', 1), measured('c', 1)],
      'confirmed b | b c | a',
    ],
    [
      'is not outvoted by two others that differ',
      [measured('a', 0), measured('b', 1), measured('c', 2)],
      'provisional a | a | b c',
    ],
    [
      'is outvoted no more once confirmed',
      [measured('a', 0), measured('b', 0), measured('c', 1), measured('d', 1), measured('e', 1)],
      'confirmed a | a b | c d e',
    ],
    [
      'stays confirmed when all leave',
      [measured('a', 0), measured('b', 0), left('a'), left('b'), measured('c', 1)],
      'confirmed a |  | c',
    ],
    [
      'goes with its backend while provisional, to the next',
      [measured('a', 0), measured('b', 1), left('a')],
      'provisional b | b | ',
    ],
    ['is unknown again when the only one leaves', [measured('a', 0), left('a')], 'unknown |  | '],
    [
      'is whom an operator names',
      [measured('a', 0), measured('b', 0), measured('c', 1), named('c')],
      'confirmed c | c | a b',
    ],
    ['is not whom nobody measured', [measured('a', 0), named('b')], 'provisional a | a | '],
    [
      'refuses a backend whose own model was exchanged',
      [measured('a', 0), measured('b', 0), measured('a', 1)],
      'confirmed a | b | a',
    ],
    [
      'refuses the only one too when its model was exchanged',
      [measured('a', 0), measured('a', 1)],
      'provisional a |  | a',
    ],
    [
      'takes back what was exchanged where a second agrees with that',
      [measured('a', 0), measured('a', 1), measured('b', 1)],
      'confirmed a | a b | ',
    ],
    [
      'refuses another truncation',
      [measured('a', 0), measured('b', 0), measured('c', 0, 1)],
      'confirmed a | a b | c',
    ],
    [
      'takes the truncation of the first that takes long texts',
      [
        measured('a', 0, 'refused'),
        measured('b', 0, 'refused'),
        measured('c', 0, 1),
        measured('d', 0, 2),
        measured('e', 0, 1),
      ],
      'confirmed a | a b c e | d',
    ],
  ])('%s', (_fact, events, expected) => {
    expect(standing(after(...events))).toBe(expected);
  });

  it('says whom one is unlike: another, itself before, or the one whose truncation counts', () => {
    const messages = (...events: readonly IdentityEvent[]) =>
      [...identityVerdicts(after(...events)).values()].map((verdict) =>
        verdict.kind === 'different' ? verdict.message.split(',')[0] : 'same',
      );
    expect(messages(measured('a', 0), measured('b', 1))[1]).toMatch(/^embeds unlike a: cosine 0.000 over/);
    expect(messages(measured('a', 0), measured('a', 1))).toEqual([
      expect.stringMatching(/^embeds unlike itself before: cosine 0.000 over/),
    ]);
    const cut = messages(measured('a', 0, 'refused'), measured('b', 0, 1), measured('c', 0, 2));
    expect(cut).toEqual(['same', 'same', 'embeds unlike b: other truncation: equal on short texts']);
  });
});

const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const cuts = fc.constantFrom<(number | 'refused')[]>(0, 0, 0, 1, 'refused');
const pooling = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(ids, fc.nat(2), cuts).map((given) => measured(...given)) },
  { weight: 2, arbitrary: ids.map(left) },
);
const anything = fc.oneof({ weight: 6, arbitrary: pooling }, { weight: 1, arbitrary: ids.map(named) });
const histories = fc.array(anything, { maxLength: 30 });

function served(state: IdentityState) {
  return [...identityVerdicts(state)].flatMap(([id, { kind }]) => {
    const its = state.fingerprints.get(id);
    return kind === 'same' && its ? [its] : [];
  });
}

describe('whatever happens', () => {
  it('no two serve that differ', () => {
    fc.assert(
      fc.property(histories, (events) => {
        const serving = served(after(...events));
        for (const one of serving) {
          for (const other of serving) expect(compareFingerprints(one, other, '').kind).toBe('same');
        }
      }),
      { seed: 7, numRuns: 1_000 },
    );
  });

  it('a confirmed reference stays until another is named', () => {
    const histories = fc.tuple(fc.array(anything, { maxLength: 15 }), fc.array(pooling, { maxLength: 15 }));
    fc.assert(
      fc.property(histories, ([before, then]) => {
        const state = after(...before);
        fc.pre(state.kind === 'confirmed');
        const later = then.reduce(transition, state);
        expect(later).toMatchObject({
          kind: 'confirmed',
          reference: { id: state.reference.id, fingerprint: { short: state.reference.fingerprint.short } },
        });
      }),
      { seed: 7, numRuns: 1_000 },
    );
  });

  it('some backend serves while none was exchanged, none is named and none is confirmed', () => {
    const arrivals = fc.uniqueArray(fc.tuple(ids, fc.nat(2)), { selector: ([id]) => id, minLength: 1 });
    fc.assert(
      fc.property(arrivals, (given) => {
        const state = after(...given.map(([id, model]) => measured(id, model)));
        expect(served(state).length).toBeGreaterThan(0);
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it('those that agree win against singles, in whatever order they come', () => {
    const orders = fc
      .integer({ min: 2, max: 4 })
      .chain((agreeing) =>
        fc.shuffledSubarray(
          [
            ...['a', 'b', 'c', 'd'].slice(0, agreeing).map((id) => [id, 0] as const),
            ['x', 1] as const,
            ['y', 2] as const,
          ],
          { minLength: agreeing + 2 },
        ),
      );
    fc.assert(
      fc.property(orders, (order) => {
        const verdicts = identityVerdicts(after(...order.map(([id, model]) => measured(id, model))));
        const wrong = order.filter(
          ([id, model]) => verdicts.get(id)?.kind !== (model === 0 ? 'same' : 'different'),
        );
        expect(wrong).toEqual([]);
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
