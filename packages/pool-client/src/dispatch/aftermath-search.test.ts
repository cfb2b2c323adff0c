import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PoolError } from '../errors.ts';
import { jobOf, vectorsOf } from '../job.test-support.ts';
import { PRIORITIES } from '../job.ts';
import { type Batch, openPart, textsOf } from '../queue/batch.ts';
import {
  answerTo,
  counts,
  emptied,
  type FakeBackend,
  fateOf,
  isBad,
  rigOf,
  runOut,
  tenantsOf,
} from './aftermath.test-support.ts';

const SEED = { seed: 20_260_124 };
const GONE = new PoolError('POOL_ABORTED', 'gone');

/** Jobs in which a few texts are bad. */
const jobsOfTexts = fc
  .array(
    fc.record({
      bad: fc.array(
        fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.boolean() }),
        { minLength: 1, maxLength: 40 },
      ),
      priority: fc.constantFrom(...PRIORITIES),
      onChunkError: fc.constantFrom('continue' as const, 'continue' as const, 'abort' as const),
      tenant: fc.constantFrom('a', 'b'),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((jobs) =>
    jobs.map(({ bad, ...request }, job) => ({
      ...request,
      texts: bad.map((is, index) => `${is ? 'bad' : 'ok'} ${job}/${index}`),
    })),
  );

const sizes = fc.integer({ min: 1, max: 64 });
const many = fc.integer({ min: 1, max: 3 });

describe('a search for bad chunks', () => {
  it('answers every good one, refuses the bad ones and no other, and leaves nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(jobsOfTexts, sizes, many, async (given, maxChunks, backends) => {
        const rig = rigOf(given, { backends });
        await runOut(rig, maxChunks);
        for (const [index, job] of rig.jobs.entries()) {
          expect(job.done).toBe(true);
          const { texts, onChunkError } = given[index] as (typeof given)[number]; // a job for each
          const fate = await fateOf(job);
          if (onChunkError === 'abort' && texts.some(isBad)) expect(fate).toContain('POOL_INPUT_REFUSED');
          else expect(fate).toEqual(texts.map((text) => (isBad(text) ? 'POOL_INPUT_REFUSED' : 'answered')));
        }
        expect(counts(rig)).toEqual(emptied(tenantsOf(rig)));
        expect(rig.jobs.map(({ queuedChunks, queuedBytes }) => queuedChunks + queuedBytes)).toEqual(
          rig.jobs.map(() => 0),
        );
        expect(rig.fakes.map(({ blamed }) => blamed)).toEqual(rig.fakes.map(() => 0));
      }),
      { ...SEED, numRuns: 200 },
    );
  });

  it('sends for each bad chunk at most twice as often as a batch can be halved, and twice more', async () => {
    await fc.assert(
      fc.asyncProperty(
        jobsOfTexts,
        fc.integer({ min: 8, max: 64 }),
        many,
        async (given, maxChunks, backends) => {
          const texts = given.flatMap((one) => one.texts);
          const withoutBad = await runOut(
            rigOf(
              given.map((one) => ({ ...one, texts: one.texts.map(() => 'ok') })),
              { backends },
            ),
            maxChunks,
          );
          const sent = await runOut(rigOf(given, { backends }), maxChunks);
          // Twice, since what another backend embeds shows nothing of the other half, which is then sent whole.
          const perBad = 2 * Math.ceil(Math.log2(maxChunks)) + 2;
          expect(sent.length).toBeLessThanOrEqual(withoutBad.length + perBad * texts.filter(isBad).length);
        },
      ),
      { ...SEED, numRuns: 200 },
    );
  });

  it('says of a bad chunk which of its job it is, alone and elsewhere first', async () => {
    const rig = rigOf([{ texts: ['ok', 'ok', 'bad', 'ok'] }]);
    const sent = await runOut(rig, 4);
    expect(sent).toEqual([['ok', 'ok', 'bad', 'ok'], ['ok', 'ok'], ['bad', 'ok'], ['bad'], ['bad'], ['ok']]);
    const { failures } = (await rig.jobs[0]?.settled) ?? { failures: [] };
    expect(failures.map(({ index, error }) => [index, error.failedIndices])).toEqual([[2, [2]]]);
  });

  it('leaves the counts right and nothing parked whoever leaves in the middle of it', async () => {
    const leaving = fc.array(fc.tuple(fc.nat(30), fc.nat(5), fc.boolean()), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(jobsOfTexts, sizes, many, leaving, async (given, maxChunks, backends, leaves) => {
        const rig = rigOf(given, { backends });
        await runOut(rig, maxChunks, (sends) => {
          for (const [at, who, elsewhere] of leaves) {
            const job = rig.jobs[who];
            if (at !== sends || !job || job.done) continue;
            // The caller leaves, or a chunk is answered by a batch that was sent elsewhere too.
            if (!elsewhere) job.failAll(GONE, 0);
            else job.answer(Math.floor(job.total / 2), vectorsOf(0), 0);
          }
        });
        expect(rig.jobs.map(({ done }) => done)).toEqual(rig.jobs.map(() => true));
        expect(counts(rig)).toEqual(emptied(tenantsOf(rig)));
        const fates = await Promise.all(rig.jobs.map(fateOf));
        for (const [index, fate] of fates.entries()) {
          const texts = given[index]?.texts ?? [];
          if (given[index]?.onChunkError === 'continue') {
            expect(fate.filter((one, i) => one === 'POOL_INPUT_REFUSED' && !isBad(texts[i] ?? ''))).toEqual(
              [],
            );
          }
          expect(fate).not.toContain('neither');
        }
      }),
      { ...SEED, numRuns: 300 },
    );
  });

  it('is not lost among many batches that are under way at once, some of them sent elsewhere as well', async () => {
    const choices = fc.array(fc.tuple(fc.nat(2), fc.nat(99)), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(jobsOfTexts, sizes, many, choices, async (given, maxChunks, backends, chosen) => {
        const rig = rigOf(given, { backends });
        const flying: { fake: FakeBackend; batch: Batch; texts: readonly string[]; rescued: boolean }[] = [];
        for (let turn = 0; turn < 60 || rig.queue.chunks > 0 || flying.length > 0; turn += 1) {
          if (turn > 20_000) throw new Error(`${rig.queue.chunks} chunks wait for ever`);
          // What was chosen is done over and over; a batch is sent elsewhere too only for a while.
          const [act, which] = chosen[turn % chosen.length] ?? [0, 0];
          const flight = flying[which % Math.max(1, flying.length)];
          if (act === 0 || !flight) {
            const fake = rig.fakes[turn % backends] as FakeBackend; // one of them
            const batch = rig.take(fake, maxChunks);
            if (batch) flying.push({ fake, batch, texts: textsOf(batch), rescued: false });
          }
          const open = flight && openPart(flight.batch);
          if (act === 1 && flight && turn < 60 && !flight.rescued && open && open.chunks > 0) {
            flight.rescued = true;
            const triedBackendIds = [...open.history.triedBackendIds, flight.fake.backend.id];
            rig.queue.putBack({ ...open, history: { ...open.history, rescued: true, triedBackendIds } });
          }
          if (act === 2 || turn >= 60) {
            const [done] = flight ? flying.splice(flying.indexOf(flight), 1) : [];
            if (done) {
              const { fake, batch, texts, rescued } = done;
              await rig.aftermath.settle(fake.backend, batch, answerTo(texts), rescued);
            }
          }
        }
        expect(counts(rig)).toEqual(emptied(tenantsOf(rig)));
        for (const [index, job] of rig.jobs.entries()) {
          const { texts, onChunkError } = given[index] as (typeof given)[number]; // a job for each
          if (onChunkError === 'abort' && texts.some(isBad)) continue;
          expect(job.done).toBe(true);
          expect(await fateOf(job)).toEqual(
            texts.map((text) => (isBad(text) ? 'POOL_INPUT_REFUSED' : 'answered')),
          );
        }
      }),
      { ...SEED, numRuns: 300 },
    );
  });

  it('charges the tenant of the bad chunk for what others were sent again for', async () => {
    const nextAfter = async (last: string) => {
      const rig = rigOf([
        { texts: ['ok', 'ok', 'ok', last], tenant: 'guilty' },
        { texts: 5, tenant: 'other' },
      ]);
      await runOut(rig, 16);
      for (const tenant of ['guilty', 'other']) rig.queue.push(jobOf({ texts: [tenant], tenant }));
      // Whoever was charged least is next.
      const batch = rig.take(rig.fakes[0] as FakeBackend, 1); // there is one at least
      return batch && textsOf(batch);
    };
    expect([await nextAfter('ok'), await nextAfter('bad')]).toEqual([['guilty'], ['other']]);
  });
});
