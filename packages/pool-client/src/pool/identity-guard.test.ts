import { ManualClock } from '@forebay/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { Backend } from '../backend/backend.ts';
import { Standing } from '../backend/standing.ts';
import { fingerprintOfModel } from '../identity/fingerprint.test-support.ts';
import type { Fingerprint } from '../identity/fingerprint.ts';
import { IdentityGuard } from './identity-guard.ts';

const [A, B, C] = [0, 1, 2].map((model) => fingerprintOfModel(model)) as [
  Fingerprint,
  Fingerprint,
  Fingerprint,
];

const standings: Standing[] = [];
afterEach(() => {
  for (const standing of standings.splice(0)) standing.close();
});

/** A backend that embeds the canaries so; not at all when undefined. `admittedAs` has what it was let in with. */
function fakeBackend(id: string, embeds: Fingerprint | undefined, model = 'm') {
  const closing = new AbortController();
  const standing = new Standing('ready', {
    clock: new ManualClock(),
    random: () => 0.5,
    others: () => ({ othersServing: 1, othersFailureShare: 0 }),
    onChange: () => undefined,
  });
  standings.push(standing);
  const admittedAs: Fingerprint[] = [];
  const fake = { id, standing, signal: closing.signal, embeds, closing, admittedAs, entry: { model } };
  return Object.assign(fake, {
    takeFingerprint: async () => fake.embeds,
    admit: (fingerprint: Fingerprint) => {
      admittedAs.push(fingerprint);
      standing.admit(fingerprint);
    },
    pardon: (fingerprint: Fingerprint) => {
      admittedAs.push(fingerprint);
      standing.pardon(fingerprint);
    },
  });
}

type Fake = ReturnType<typeof fakeBackend>;

/** A guard of these backends; `show` examines one that embeds so from now on. */
function guardOf(given: Readonly<Record<string, string>>) {
  const all = Object.entries(given).map(([id, model]) => fakeBackend(id, undefined, model));
  // `as` holds: nothing else of a backend is used here.
  const asBackend = (fake: Fake) => fake as unknown as Backend;
  const guard = new IdentityGuard((model) =>
    all.filter(({ entry }) => entry.model === model).map((fake) => asBackend(fake)),
  );
  const one = (id: string) => all.find((fake) => fake.id === id) as Fake; // asked for by the ids given
  const show = async (id: string, embeds: Fingerprint | undefined) => {
    one(id).embeds = embeds;
    await guard.examine(asBackend(one(id)));
  };
  return {
    one,
    show,
    leave: (id: string) => guard.left(asBackend(one(id))),
    name: (id: string) => guard.name(asBackend(one(id))),
    states: () => all.map(({ standing }) => standing.state).join(' '),
  };
}

const three = { x: 'm', y: 'm', z: 'm' };

describe('IdentityGuard', () => {
  it.each<[string, readonly (readonly ['x' | 'y' | 'z', Fingerprint | undefined])[], string]>([
    ['lets the first in', [['x', A]], 'serving starting starting'],
    [
      'lets in those that embed alike',
      [
        ['x', A],
        ['y', A],
        ['z', A],
      ],
      'serving serving serving',
    ],
    [
      'refuses one that does not',
      [
        ['x', A],
        ['y', B],
      ],
      'serving refused starting',
    ],
    [
      'goes by two that agree, though another came first',
      [
        ['x', A],
        ['y', B],
        ['z', B],
      ],
      'refused serving serving',
    ],
    [
      'refuses one whose model was exchanged',
      [
        ['x', A],
        ['y', A],
        ['y', B],
      ],
      'serving refused starting',
    ],
    [
      'lets one in again that embeds as it should now',
      [
        ['x', A],
        ['y', A],
        ['y', B],
        ['y', A],
      ],
      'serving serving starting',
    ],
    ['leaves one alone that embeds nothing', [['x', undefined]], 'starting starting starting'],
    [
      'does not hold it against one that embeds nothing for once',
      [
        ['x', A],
        ['x', undefined],
      ],
      'serving starting starting',
    ],
  ])('%s', async (_fact, shown, states) => {
    const { show, states: all } = guardOf(three);
    for (const [id, embeds] of shown) await show(id, embeds);
    expect(all()).toBe(states);
  });

  it('says from whom a refused one differs', async () => {
    const { show, one } = guardOf(three);
    await show('x', A);
    await show('y', B);
    expect(one('y').standing.reason).toMatch(/^embeds unlike x: cosine 0\.000 /);
  });

  it('lets each in with how it embeds itself, once for each examination', async () => {
    const { show, one } = guardOf(three);
    const refusing = fingerprintOfModel(0, 'refused');
    await show('x', refusing);
    await show('y', A);
    await show('z', B);
    expect([one('x').admittedAs, one('y').admittedAs, one('z').admittedAs]).toEqual([[refusing], [A], []]);
  });

  it('knows models apart', async () => {
    const { show, states } = guardOf({ x: 'm', y: 'n' });
    await show('x', A);
    await show('y', B);
    expect(states()).toBe('serving serving');
  });

  it('takes no notice of one that was closed meanwhile', async () => {
    const { one, show, states } = guardOf(three);
    one('x').closing.abort();
    await show('x', A);
    await show('y', B);
    expect(states()).toBe('starting serving starting');
  });

  it.each<[string, readonly (readonly ['x' | 'y' | 'z', Fingerprint])[], string]>([
    [
      'lets in the next when the only one leaves that it was compared with',
      [
        ['x', A],
        ['y', B],
        ['z', C],
      ],
      'serving refused',
    ],
    [
      'goes on with what two agreed on, though one of them leaves',
      [
        ['x', A],
        ['y', A],
        ['z', B],
      ],
      'serving refused',
    ],
  ])('%s', async (_fact, shown, states) => {
    const guard = guardOf(three);
    for (const [id, embeds] of shown) await guard.show(id, embeds);
    guard.leave('x');
    expect(guard.states().split(' ').slice(1).join(' ')).toBe(states);
  });

  it('goes by the one that an operator names, and lets the others in again when they name one of those', async () => {
    const { show, name, states } = guardOf(three);
    await show('x', A);
    await show('y', A);
    await show('z', B);
    expect([await name('z'), states()]).toEqual([true, 'refused refused serving']);
    expect([await name('x'), states()]).toEqual([true, 'serving serving refused']);
  });

  it('goes by how the named one embeds now', async () => {
    const { show, name, one, states } = guardOf(three);
    await show('x', A);
    await show('y', A);
    one('y').embeds = B;
    expect([await name('y'), states()]).toEqual([true, 'refused serving starting']);
    expect(one('y').admittedAs).toEqual([A, B]);
  });

  it('can not go by one that embeds nothing', async () => {
    const { show, name, one, states } = guardOf(three);
    await show('x', A);
    await show('y', B);
    one('y').embeds = undefined;
    expect([await name('y'), states()]).toEqual([false, 'serving refused starting']);
  });

  it('lets one in with how it embeds now that was refused for it', async () => {
    const { show, name, one, states } = guardOf(three);
    await show('x', A);
    await show('y', A);
    // Its model is exchanged in place, and a new one of the new model joins.
    await show('y', B);
    await show('z', B);
    await name('z');
    expect(states()).toBe('refused serving serving');
    expect(one('y').admittedAs).toEqual([A, B]);
    expect(one('y').standing.isItself(B.short[0] ?? [])).toBe(true);
  });
});
