import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ABILITIES } from './loop-platform.test-support.ts';
import { NO_SIGNAL, World } from './world.test-support.ts';

const TICKS_TO_REST = 25;

it('comes to what is wanted, whatever dies, fails and is refused on the way', {
  timeout: 60_000,
}, async () => {
  const trouble = fc.record({
    queue: fc.integer({ min: 0, max: 6 }),
    // A new process under a name of its own, or under the same one.
    restarts: fc.constantFrom('no', 'no', 'no', 'a', 'b'),
    refused: fc.constantFrom<('list' | 'scale')[]>('list', 'scale').map((call) => [call]),
    refuses: fc.constantFrom(false, false, true),
    breaks: fc.constantFrom('none', 'none', 'dies', 'fails'),
    mostPerOrder: fc.constantFrom(1, 2, Number.POSITIVE_INFINITY),
    listLagSeconds: fc.constantFrom(0, 0, 8),
    busy: fc.integer({ min: 0, max: 1 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.values(ABILITIES)),
      fc.array(trouble, { maxLength: 12 }),
      async (abilities, troubles) => {
        const world = new World({ drainSeconds: 30, startup: { expectedSeconds: 20, timeoutSeconds: 40 } });
        world.abilities = abilities;
        let scaler = world.scaler();
        for (const {
          queue,
          restarts,
          refused,
          refuses,
          breaks,
          mostPerOrder,
          listLagSeconds,
          busy,
        } of troubles) {
          // One that dies before it was ever listed is launched once more under its id: nobody can tell it from a launch that is late.
          const first = world.rows.find(({ seenAtMs }) => seenAtMs !== undefined)?.id ?? 'none';
          Object.assign(world, {
            queue,
            inFlight: Object.fromEntries(world.platform.ids.map((id) => [id, busy])),
          });
          Object.assign(world.platform, {
            mostPerOrder,
            listLagSeconds,
            refused: new Set(refuses ? refused : []),
          });
          if (breaks === 'dies') world.platform.kill(first);
          if (breaks === 'fails') world.platform.fail(first);
          if (restarts !== 'no') scaler = world.scaler({ holder: restarts });
          await scaler.tick(NO_SIGNAL);
          await world.clock.advance(5_000);
        }
        Object.assign(world, { inFlight: {} });
        Object.assign(world.platform, {
          mostPerOrder: Number.POSITIVE_INFINITY,
          listLagSeconds: 0,
          refused: new Set(),
        });
        await world.ticks(scaler, TICKS_TO_REST);
        const { platform, rows, queue } = world;
        expect([platform.ids.length, world.desired]).toEqual([queue, queue]);
        expect(rows.map(({ id, state }) => `${id} ${state.kind}`).sort()).toEqual(
          platform.ids.map((id) => `${id} ready`).sort(),
        );
        expect(new Set(platform.launched).size).toBe(platform.launched.length);
      },
    ),
    { seed: 10, numRuns: 3_000 },
  );
});
