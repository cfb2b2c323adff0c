import { expect, it } from 'vitest';
import { noiseOf, quietest } from './noise.ts';

const use = (overrides: object) => ({
  target: 1,
  withBackends: 1,
  load: 1,
  foreign: 0,
  steal: 0,
  total: 10,
  ...overrides,
});
const foreign = (share: number) => ({ cpu: use({ foreign: share * 10 }) });

it.each([
  ['a quiet machine', use({}), 0],
  ['strangers at the bound', use({ foreign: 1 }), 1],
  ['a thieving hypervisor', use({ steal: 0.4 }), 2],
  ['a machine that does not tell', undefined, 0],
])('measures %s', (_, cpu, noise) => {
  expect(noiseOf(cpu)).toBeCloseTo(noise);
});

it.each([
  ['a quiet round at once', [0.05], 9, 0.05, 0],
  ['the first quiet one', [0.5, 0.3, 0.01, 0], 9, 0.01, 2],
  ['the quietest where none is quiet', [0.5, 0.3, 0.4, 0], 9, 0.3, 2],
  ['a noisy one where nothing may be repeated', [0.5, 0], 0, 0.5, 0],
])('keeps %s', async (_, shares, allowed, kept, repeats) => {
  const rounds = shares.map(foreign);
  let left = allowed;
  const found = await quietest(
    async () => rounds.shift() ?? foreign(1),
    () => left-- > 0,
  );
  expect(found).toEqual({ round: foreign(kept), repeats });
});
