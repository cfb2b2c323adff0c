import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import { tokenReader } from './read-token.ts';

const FIVE_MINUTES_MS = 300_000;

/** A token in a secret, and how often it was asked for. */
function secretToken() {
  const clock = new ManualClock();
  const world = { text: 'first\n', problem: undefined as Error | undefined, asked: 0, opened: 0 };
  const read = tokenReader(
    { kind: 'secret', name: 'forebay/token' },
    {
      readFile: () => Promise.reject(new Error('no files here')),
      async openSecrets() {
        world.opened += 1;
        return {
          async text() {
            world.asked += 1;
            if (world.problem) throw world.problem;
            return world.text;
          },
        };
      },
      clock,
      signal: new AbortController().signal,
    },
  );
  return { clock, world, read };
}

it('reads a secret every five minutes, over one connection', async () => {
  const { clock, world, read } = secretToken();
  expect([await read(), await read(), world.asked]).toEqual(['first', 'first', 1]);
  world.text = 'second';
  await clock.advance(FIVE_MINUTES_MS);
  expect(await read()).toBe('first');
  await clock.advance(0);
  expect([await read(), world.asked, world.opened]).toEqual(['second', 2, 1]);
});

it('goes on with the token that it has while the secret is read, or can’t be', async () => {
  const { clock, world, read } = secretToken();
  await read();
  world.problem = new Error('Secrets Manager is away');
  await clock.advance(FIVE_MINUTES_MS);
  expect(await read()).toBe('first');
  await clock.advance(0);
  world.problem = undefined;
  world.text = 'second';
  expect(await read()).toBe('first');
  await clock.advance(0);
  expect(await read()).toBe('second');
});

it('rejects as long as it has none', async () => {
  const { world, read } = secretToken();
  world.problem = new Error('no such secret');
  await expect(read()).rejects.toThrow('no such secret');
  world.problem = undefined;
  world.text = 'two words';
  await expect(read()).rejects.toThrow('secret forebay/token holds no token');
});
